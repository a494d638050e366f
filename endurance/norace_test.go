//go:build !race

package endurance

const raceDetector = false

//go:build race

package endurance

const raceDetector = true

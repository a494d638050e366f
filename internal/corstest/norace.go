//go:build !race

package corstest

const slowness = 1

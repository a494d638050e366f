package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// processClock is the CPU time of a process and its threads, to the nanosecond. The
// clock's number is made as clock_getcpuclockid(3) makes it.
func processClock(pid int) (time.Duration, error) {
	const scheduled = 2 // CPUCLOCK_SCHED: user and system together
	var t unix.Timespec
	if err := unix.ClockGettime(^int32(pid)<<3|scheduled, &t); err != nil { //nolint:gosec // G115: a process's number is small
		return 0, err
	}
	return time.Duration(t.Nano()), nil
}

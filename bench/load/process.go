package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the times in /proc: USER_HZ, which is 100 for every program
// on Linux.
const tick = 10 * time.Millisecond

// cpuTime is what a process and its children (nginx works in them) have used
// since they started.
func cpuTime(pid int) (time.Duration, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	var (
		total time.Duration
		found bool
	)
	for _, file := range files {
		content, err := os.ReadFile(file) //nolint:gosec // G304: a file of /proc
		if err != nil {
			continue // it has just ended, and is not the one that is measured
		}
		s, err := parseStat(content)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		if s.pid == pid || s.parent == pid {
			total += s.cpu
		}
		found = found || s.pid == pid
	}
	if !found {
		return 0, fmt.Errorf("no process %d in /proc", pid)
	}
	return total, nil
}

type processStat struct {
	pid, parent int
	cpu         time.Duration
}

// parseStat reads a line of /proc/PID/stat (proc_pid_stat(5)). The command's name,
// in parentheses, may itself hold spaces and parentheses.
func parseStat(line []byte) (s processStat, err error) {
	open, shut := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 0 || shut < open {
		return s, fmt.Errorf("no command in %q", line)
	}
	fields := strings.Fields(string(line[shut+1:])) // from the third on
	if len(fields) < 13 {
		return s, fmt.Errorf("only %d fields in %q", len(fields), line)
	}
	numbers := []string{strings.TrimSpace(string(line[:open])), fields[1], fields[11], fields[12]}
	var values [4]int
	for i, n := range numbers {
		if values[i], err = strconv.Atoi(n); err != nil {
			return s, fmt.Errorf("in %q: %w", line, err)
		}
	}
	return processStat{values[0], values[1], time.Duration(values[2]+values[3]) * tick}, nil
}

// residentBytes is the memory of a process that is in RAM.
func residentBytes(pid int) (int64, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(content)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib * 1024, err
		}
	}
	return 0, fmt.Errorf("no VmRSS in /proc/%d/status", pid)
}

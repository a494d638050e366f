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

// cpuTime is what a process and its children (nginx works in them) have used
// since they started. The times in /proc are of 10 ms, more than a percent of a turn;
// the clocks of the processes are not.
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
			used, err := processClock(s.pid)
			if err != nil {
				return 0, fmt.Errorf("the clock of process %d: %w", s.pid, err)
			}
			total += used
		}
		found = found || s.pid == pid
	}
	if !found {
		return 0, fmt.Errorf("no process %d in /proc", pid)
	}
	return total, nil
}

type processStat struct{ pid, parent int }

// parseStat reads a line of /proc/PID/stat (proc_pid_stat(5)). The command's name,
// in parentheses, may itself hold spaces and parentheses.
func parseStat(line []byte) (s processStat, err error) {
	open, shut := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 0 || shut < open {
		return s, fmt.Errorf("no command in %q", line)
	}
	fields := strings.Fields(string(line[shut+1:])) // from the third on
	if len(fields) < 2 {
		return s, fmt.Errorf("only %d fields in %q", len(fields), line)
	}
	if s.pid, err = strconv.Atoi(strings.TrimSpace(string(line[:open]))); err != nil {
		return s, fmt.Errorf("in %q: %w", line, err)
	}
	if s.parent, err = strconv.Atoi(fields[1]); err != nil {
		return s, fmt.Errorf("in %q: %w", line, err)
	}
	return s, nil
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

package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/repair"
)

// Diff prints the repairs of a configuration as a patch, and returns the exit
// status of the command: 1 if there is something to apply. JSON has no comments,
// so there what cannot be repaired is said in remarks.
func Diff(out, remarks io.Writer, configFile, adapter string, origins []string) (int, error) {
	if err := checkWanted(origins); err != nil {
		return check.ExitUsage, err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as in Lint
	var result *repair.Result
	var failed error
	report, err := lint.File(configFile, adapter, lint.Options{Origins: origins, Progress: progress(os.Stderr), Repair: func(r *lint.Report) {
		if r.Err == nil {
			result, failed = repairsOf(configFile, r, origins, 0)
		}
	}})
	switch {
	case err != nil:
		return check.ExitUsage, err
	case report.Err != nil:
		return check.ExitUsage, report.Err
	case failed != nil:
		return check.ExitUsage, failed
	}
	if result.Old == nil {
		out, remarks = remarks, out
	}
	for _, f := range report.Findings {
		if f.Severity != lint.Note && f.Repair == 0 {
			fmt.Fprintf(out, "# %s: %s: no repair: %s\n", f.Place(), f.Severity, strings.Join(strings.Fields(f.Problem+"; "+f.Cure), " "))
		}
	}
	if result.Old != nil {
		result.Diff(out)
	} else {
		result.Remarks(out)
		patch := result.Patch
		if patch == nil {
			patch = []repair.PatchOperation{} // an empty list, not null
		}
		err = check.WriteJSON(remarks, patch)
	}
	if result.Applies() {
		return exitFindings, err
	}
	return exitClean, err
}

// repairsOf repairs what was found, and numbers the findings by their repairs.
func repairsOf(configFile string, r *lint.Report, origins []string, most int) (result *repair.Result, err error) {
	name := configFile
	o := repair.Options{Origins: origins, Findings: append([]lint.Finding{}, r.Findings...), Most: most, Stage: r.Stage, Sites: r.Sites}
	if isCaddyfile(r) {
		if name == "" {
			name = "Caddyfile"
		}
		body, unreadable := os.ReadFile(filepath.Clean(name))
		if unreadable != nil {
			return nil, unreadable
		}
		result, err = repair.Caddyfile(name, body, o)
	} else {
		result, err = repair.JSON(r.Stage.JSON, o)
	}
	if err != nil {
		return nil, err
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Repair = result.Number(f)
	}
	return result, nil
}

// isCaddyfile: only there have handlers lines.
func isCaddyfile(r *lint.Report) bool {
	for _, h := range r.Stage.Handlers {
		if h.File != "" {
			return true
		}
	}
	return false
}

// mostRepairs bounds what lint drafts beside its findings: a repair takes a
// good part of a second. --diff has no bound.
const mostRepairs = 25

// repairsBeside lets lint number its findings, and keeps the repairs for people.
func repairsBeside(configFile string, origins []string, result **repair.Result) func(*lint.Report) {
	return func(r *lint.Report) {
		if r.Err != nil || r.Worst() == "" || r.Worst() == lint.Note {
			return
		}
		// Without repairs the findings stand all the same.
		*result, _ = repairsOf(configFile, r, origins, mostRepairs)
	}
}

// printRepairs prints each block once, for all findings that it cures.
func printRepairs(out io.Writer, result *repair.Result) {
	if result == nil || len(result.Repairs) == 0 {
		return
	}
	for i, r := range result.Repairs {
		switch {
		case r.Reason != "":
			fmt.Fprintf(out, "repair %d: none: %s\n", i+1, r.Reason)
		case len(r.Text) == 0:
			fmt.Fprintf(out, "repair %d: remove the lines of these findings; nothing has to take their place\n", i+1)
		case r.Blocks > 1:
			fmt.Fprintf(out, "repair %d replaces them by %d blocks, each in its place: the patch has them\n", i+1, r.Blocks)
		default:
			fmt.Fprintf(out, "repair %d replaces them by\n\n%s\n\n", i+1, strings.Join(r.Text, "\n"))
		}
		for _, n := range r.Notes {
			fmt.Fprintf(out, "  %s\n", n)
		}
	}
	if result.Applies() {
		fmt.Fprint(out, "`caddy cors lint --diff` prints the repairs as a patch.\n")
	}
}

func repairNumber(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n) + ", see below"
}

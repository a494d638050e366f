//go:build !unix

package e2e

import "testing"

// process is a running browser. None runs here.
type process struct {
	exited chan struct{}
	stderr tail
}

func (e *engine) launch(t *testing.T, _, _ string, _ *network) *process {
	t.Helper()
	t.Skip("browsers are ended as process groups, which only Unix has")
	return nil
}

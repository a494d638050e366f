//go:build unix

package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// process is a running browser. Everything it starts is in its process group.
type process struct {
	cmd    *exec.Cmd
	stderr tail
	exited chan struct{}
}

// launch starts the browser on a page. It ends with the test, and nothing of
// it remains.
func (e *engine) launch(t *testing.T, program, url string, n *network) *process {
	t.Helper()
	dir, err := os.MkdirTemp("", "cors-e2e-"+e.name+"-") //nolint:usetesting // what a dying browser writes last must not fail the test
	if err != nil {
		t.Fatal(err)
	}
	profile, home := filepath.Join(dir, "profile"), filepath.Join(dir, "home")
	for _, d := range []string{profile, home} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	args, err := e.command(program, profile, url, n)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(args[0], args[1:]...), exited: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.stderr, &p.stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// Nothing of the caller's: a proxy in the environment would see the requests.
	p.cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + dir, "LANG=C.UTF-8",
		"XDG_CONFIG_HOME=" + home, "XDG_CACHE_HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_RUNTIME_DIR=" + home,
	}, e.env...)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.end(t)
		// What a dying process writes last can be in the way.
		for range 20 {
			if err = os.RemoveAll(dir); err == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Errorf("removing the profile: %v", err)
	})
	return p
}

// end asks the group to end, and after a while makes it.
func (p *process) end(t *testing.T) {
	t.Helper()
	group := -p.cmd.Process.Pid
	_ = syscall.Kill(group, syscall.SIGTERM)
	for range 50 {
		if errors.Is(syscall.Kill(group, 0), syscall.ESRCH) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	_ = syscall.Kill(group, syscall.SIGKILL)
	select {
	case <-p.exited:
	case <-time.After(10 * time.Second):
		t.Error("the browser does not end")
	}
}

package cli

import ("testing";"io";"os")

func TestZZProf(t *testing.T) {
	s, err := Diff(io.Discard, io.Discard, os.Getenv("ZZ"), "", nil)
	t.Log(s, err)
}

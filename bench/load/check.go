package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
)

// expectation is what every response of a run must be.
type expectation struct {
	major       int // of the protocol's version
	status      int
	allowOrigin string // the one Access-Control-Allow-Origin, or "" for none
	body        string
}

// check reads the response to its end and compares. The scratch space is the
// caller's, so that the driver's own garbage does not slow the run.
func (e *expectation) check(res *http.Response, scratch []byte) error {
	n, err := io.ReadFull(res.Body, scratch)
	switch {
	case err == nil:
		return fmt.Errorf("body of %d bytes or more, want %d", n, len(e.body))
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("reading the body: %w", err)
	case string(scratch[:n]) != e.body:
		return fmt.Errorf("body %q, want %q", scratch[:n], e.body)
	}
	return e.checkHead(res)
}

func (e *expectation) checkHead(res *http.Response) error {
	if res.ProtoMajor != e.major {
		return fmt.Errorf("answered with %s, want HTTP/%d", res.Proto, e.major)
	}
	if res.StatusCode != e.status {
		return fmt.Errorf("status %d, want %d", res.StatusCode, e.status)
	}
	var want []string
	if e.allowOrigin != "" {
		want = []string{e.allowOrigin}
	}
	if got := res.Header.Values("Access-Control-Allow-Origin"); !slices.Equal(got, want) {
		return fmt.Errorf("Access-Control-Allow-Origin is %q, want %q", got, want)
	}
	return nil
}

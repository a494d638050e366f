package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// answer is what a test's server says.
type answer struct {
	status      int
	allowOrigin []string
	body        string
}

func (a answer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header()["Access-Control-Allow-Origin"] = a.allowOrigin
	w.WriteHeader(a.status)
	fmt.Fprint(w, a.body)
}

// TestCheck: a run fails for every response that is not as expected.
func TestCheck(t *testing.T) {
	t.Parallel()
	right := answer{200, []string{origin}, "hello"}
	for name, c := range map[string]struct {
		says  answer
		wants string // the Access-Control-Allow-Origin
		right bool
	}{
		"right":                {right, origin, true},
		"right without CORS":   {answer{200, nil, "hello"}, "", true},
		"other origin":         {answer{200, []string{"https://other.example.com"}, "hello"}, origin, false},
		"other case":           {answer{200, []string{"https://App.example.com"}, "hello"}, origin, false},
		"star":                 {answer{200, []string{"*"}, "hello"}, origin, false},
		"none":                 {answer{200, nil, "hello"}, origin, false},
		"two":                  {answer{200, []string{origin, origin}, "hello"}, origin, false},
		"one too many":         {right, "", false},
		"empty is not none":    {answer{200, []string{""}, "hello"}, "", false},
		"status":               {answer{201, []string{origin}, "hello"}, origin, false},
		"body":                 {answer{200, []string{origin}, "hallo"}, origin, false},
		"body cut":             {answer{200, []string{origin}, "hell"}, origin, false},
		"body longer":          {answer{200, []string{origin}, "hello!"}, origin, false},
		"body longer than all": {answer{200, []string{origin}, "hello, hello"}, origin, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.says)
			t.Cleanup(server.Close)
			p := testPlan("HTTP/1.1", server.URL)
			p.want.allowOrigin = c.wants
			p.requests = 10
			result, err := p.run(t.Context(), nothing)
			switch {
			case c.right && err != nil:
				t.Error(err)
			case !c.right && err == nil:
				t.Errorf("passed: %d requests", result.latency.TotalCount())
			}
		})
	}
}

// TestCheckAll: the first responses are right, and one of many later ones is not.
func TestCheckAll(t *testing.T) {
	t.Parallel()
	const bad = 50
	var n counter
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answer{200, []string{origin}, "hello"}
		if n.next() == bad {
			a.allowOrigin = nil
		}
		a.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p := testPlan("HTTP/1.1", server.URL)
	p.requests = 200
	result, err := p.run(t.Context(), nothing)
	if err == nil || result.errors != 1 || result.latency.TotalCount() != 199 {
		t.Errorf("%+v, error %v; want one error among 200 requests", result, err)
	}
}

// TestCheckProtocol: a server that speaks HTTP/1.1 only is no result for HTTP/2.
func TestCheckProtocol(t *testing.T) {
	t.Parallel()
	e := expectation{major: 2, status: 200}
	if err := e.checkHead(&http.Response{ProtoMajor: 1, Proto: "HTTP/1.1", StatusCode: 200}); err == nil {
		t.Error("passed HTTP/1.1 for HTTP/2")
	}
}

func nothing() error { return nil }

// testPlan is a short run that expects what answer{200, origin, "hello"} says.
func testPlan(protocol, url string) *plan {
	senders := 4
	if protocol == "HTTP/1.1" {
		senders = 1
	}
	return &plan{
		protocol: protocol, target: target{url: url},
		want:        expectation{status: 200, allowOrigin: origin, body: "hello"},
		connections: 3, senders: senders, time: time.Minute, requests: 100, patience: time.Minute,
	}
}

package rehearsal_test

import (
	"strings"
	"testing"

	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-cors/caddy-cors" // the directive
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

func parts(t *testing.T, text string) *rehearsal.Rehearsal {
	t.Helper()
	stage, err := rehearsal.Caddyfile("Caddyfile", []byte(text), rehearsal.Options{Parts: true, Tolerant: true})
	if stage == nil {
		t.Fatal(err)
	}
	t.Cleanup(stage.Close)
	return stage
}

func bodyOf(t *testing.T, r *rehearsal.Rehearsal, url string) (status int, server string) {
	t.Helper()
	a, err := r.Ask(rehearsal.Question{Method: "GET", URL: url})
	if err != nil {
		t.Fatal(err)
	}
	return a.Status, a.Header.Get("X-Site")
}

// TestPart: of two sites only one is there, with its error routes and the named
// routes that it invokes.
func TestPart(t *testing.T) {
	stage := parts(t, "&(named) {\n\theader X-Site named\n}\na.example {\n\theader X-Site a\n\trespond ok\n\thandle_errors {\n\t\trespond a 500\n\t}\n}\nb.example {\n\tinvoke named\n\terror 404\n\thandle_errors {\n\t\trespond b 501\n\t}\n}\n")
	if len(stage.Servers()) != 1 {
		t.Fatalf("%d servers", len(stage.Servers()))
	}
	a, err := stage.Part("srv0", []int{0}, []int{0})
	if err != nil {
		t.Fatal(err)
	}
	b, err := stage.Part("srv0", []int{1}, []int{1})
	if err != nil {
		t.Fatal(err)
	}
	if status, site := bodyOf(t, a, "https://a.example/"); status != 200 || site != "a" {
		t.Errorf("a answers %d from %s", status, site)
	}
	if status, site := bodyOf(t, b, "https://b.example/"); status != 501 || site != "named" {
		t.Errorf("b answers %d from %s", status, site)
	}
	if a.Serves("https://b.example/") || !a.Serves("https://a.example/") {
		t.Error("the part for a serves b")
	}
	if _, err := stage.Part("none", nil, nil); err == nil {
		t.Error("a server that is not there is no error")
	}
}

// TestWithout: a handler is left out, and is back afterwards.
func TestWithout(t *testing.T) {
	stage := parts(t, "a.example {\n\theader X-Site a\n\trespond ok 201\n}\n")
	part, err := stage.Part("srv0", []int{0}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range stage.Handlers {
		if h.Kind != "headers" {
			continue
		}
		gone, err := part.Without(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, site := bodyOf(t, gone, "https://a.example/"); site != "" {
			t.Errorf("it still writes %s", site)
		}
	}
	again, err := stage.Part("srv0", []int{0}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, site := bodyOf(t, again, "https://a.example/"); site != "a" {
		t.Errorf("afterwards it writes %s", site)
	}
}

// TestWarnings: each belongs to the handler that warned.
func TestWarnings(t *testing.T) {
	stage := parts(t, "a.example {\n\tcors /x https://app.example\n\tcors /y https://app.example https://app.example\n\trespond ok\n}\n")
	part, err := stage.Part("srv0", []int{0}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(part.Warnings) != 1 || part.Warnings[0].Handler.Line != 3 || !strings.Contains(part.Warnings[0].Text, "listed twice") {
		t.Errorf("got %+v", part.Warnings)
	}
}

// TestTolerant: what Caddy's errors name is left out.
func TestTolerant(t *testing.T) {
	for name, c := range map[string]struct{ text, lost string }{
		"an unknown directive": {"a.example {\n\tunknown\n\theader X-Site a\n\trespond ok\n}\n", "unknown"},
		"inside a block":       {"a.example {\n\thandle {\n\t\tunknown {\n\t\t\tx\n\t\t}\n\t\theader X-Site a\n\t\trespond ok\n\t}\n}\n", "unknown"},
		"an undefined matcher": {"a.example {\n\trespond @none no 404\n\theader X-Site a\n\trespond ok\n}\n", "@none"},
		"an option":            {"a.example {\n\tfile_server {\n\t\tnonsense\n\t}\n\theader X-Site a\n\trespond ok\n}\n", "nonsense"},
		"an order":             {"{\n\torder unknown first\n}\na.example {\n\theader X-Site a\n\trespond ok\n}\n", "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			stage, err := rehearsal.Caddyfile("Caddyfile", []byte(c.text), rehearsal.Options{Tolerant: true})
			if stage == nil || err == nil || !strings.Contains(err.Error(), c.lost) {
				t.Fatalf("%v, %v", stage, err)
			}
			defer stage.Close()
			if status, site := bodyOf(t, stage, "https://a.example/"); status != 200 || site != "a" {
				t.Errorf("it answers %d from %s", status, site)
			}
			if string(stage.Source("Caddyfile")) != c.text {
				t.Error("the source is another")
			}
		})
	}
	if stage, err := rehearsal.Caddyfile("Caddyfile", []byte("a.example {\n\tunknown\n}\n"), rehearsal.Options{}); stage != nil || err == nil {
		t.Error("it is tolerant without being asked")
	}
}

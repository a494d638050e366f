package browsertest_test

import (
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/browser/browsertest"
)

const (
	pageURL = "https://page.example"
	apiURL  = "https://api.example/data"

	acao = "Access-Control-Allow-Origin"
	acam = "Access-Control-Allow-Methods"
	acah = "Access-Control-Allow-Headers"
	acma = "Access-Control-Max-Age"
	aceh = "Access-Control-Expose-Headers"
)

var (
	header  = browsertest.Header
	answer  = browsertest.Answer
	consent = browsertest.Consent
)

func page(t testing.TB, origin string) browser.Page {
	t.Helper()
	o, err := browser.ParseOrigin(origin)
	if err != nil {
		t.Fatal(err)
	}
	return browser.Page{Origin: o}
}

func wantVerdict(t *testing.T, v browser.Verdict, outcome browser.Outcome, step int, reason browser.Reason) {
	t.Helper()
	if v.Outcome != outcome || v.Step != step || v.Reason != reason {
		t.Errorf("got %s, step %d, %q (%s); want %s, step %d, %q", v.Outcome, v.Step, v.Reason, v.Detail, outcome, step, reason)
	}
}

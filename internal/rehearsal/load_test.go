package rehearsal_test

import (
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// TestLoadErrors: what Caddy does not load is said in a sentence, without the words of
// the rehearsal, also where Caddy panics.
func TestLoadErrors(t *testing.T) {
	const matcher = `{"apps":{"http":{"servers":{"s":{"listen":[":80"],"routes":[{"handle":[{"handler":"subroute","routes":[` +
		`{"match":[{"expression":%}],"handle":[{"handler":"static_response"}]}]}]}]}}}}}`
	for name, c := range map[string]struct{ expression, want string }{
		"a syntax error": {`"{http.request.header.Origin} =="`, "loading module 'subroute'"},
		"a panic":        {`{"expr":"true"}`, "caddy itself panics"},
	} {
		t.Run(name, func(t *testing.T) {
			stage, err := rehearsal.JSON([]byte(strings.Replace(matcher, "%", c.expression, 1)), rehearsal.Options{})
			if err == nil {
				stage.Close()
				t.Fatal("it loads")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "cors_rehearsal") {
				t.Errorf("got %q, want %q", err, c.want)
			}
		})
	}
}

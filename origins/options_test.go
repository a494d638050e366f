package origins_test

import (
	"strings"
	"testing"

	_ "github.com/caddy-cors/caddy-cors"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// TestSourceMistakes: mistakes are found while adapting, with their place.
func TestSourceMistakes(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"origins_from file":                                                  "file needs a path, such as `origins_from file /etc/caddy/origins.txt`; if it comes from {$NAME}, that variable is not set, at Caddyfile:3",
		"origins_from file a b":                                              "file takes one path, not 2 values",
		"origins_from file \"\"":                                             "the path of file is empty",
		"origins_from file {http.request.host}":                              "depends on the request",
		"origins_from file a {\n\tpoll 1s\n\t}":                              `file takes no block; remove "poll" and the braces, at Caddyfile:4`,
		"origins_from ask":                                                   "ask needs a url, such as `origins_from ask http://localhost:8000/cors`",
		"origins_from ask ftp://a.example":                                   `url "ftp://a.example" is no http or https URL`,
		"origins_from ask a.example":                                         "is no http or https URL",
		"origins_from ask http:///cors":                                      "has no host",
		"origins_from ask http://a.example#b":                                "has a fragment (#)",
		"origins_from ask http://a.example?origin=x":                         `has a parameter "origin" already`,
		"origins_from ask http://a.example:x/":                               "cannot be read",
		"origins_from ask http://a.example {\n\ttimout 1s\n\t}":              `unknown option "timout" of ask; did you mean timeout?, at Caddyfile:4`,
		"origins_from ask http://a.example {\n\tttl 1s\n\tttl 2s\n\t}":       "ttl is given twice (lines 4 and 5)",
		"origins_from ask http://a.example {\n\tttl 1\n\t}":                  `ttl "1" is not a duration`,
		"origins_from ask http://a.example {\n\tstale 0s\n\t}":               `stale "0s" must be longer`,
		"origins_from ask http://a.example {\n\tcache_size -1\n\t}":          `cache_size "-1" is not a number above zero`,
		"origins_from ask http://a.example {\n\tmax_in_flight 1 2\n\t}":      "max_in_flight needs one value, not 2",
		"origins_from ask http://a.example {\n\tttl 1s {\n\t\tx\n\t}\n\t}":   "ttl takes no block",
		"origins_from ask http://a.example?host=x {\n\tper_host\n\t}":        `has a parameter "host" already`,
		"origins_from ask http://a.example {\n\tper_host on\n\t}":            `per_host takes no value; remove "on"`,
		"origins_from ask http://a.example {\n\tper_host\n\tper_host\n\t}":   "per_host is given twice (lines 4 and 5)",
		"origins_from ask http://a.example {\n\tper_host {\n\t\tx\n\t}\n\t}": "per_host takes no block",
		"origins_from storage":                                               "storage needs a key, such as `origins_from storage cors/origins`",
		"origins_from storage ../key":                                        `key "../key" is not valid`,
		"origins_from storage /key":                                          `key "/key" is not valid`,
		"origins_from storage certificates/x":                                "belongs to Caddy itself",
		"origins_from storage a/b {\n\trefresh x\n\t}":                       `refresh "x" is not a duration`,
		"origins_from storage a/b {\n\tinterval 1s\n\t}":                     "the options are refresh",
	} {
		_, err := corstest.Adapt("http:// {\n\tcors {\n" + lines + "\n}\n}\n")
		if err == nil || !strings.Contains(err.Error(), "at Caddyfile:") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", lines, err, want)
		}
	}
}

func TestOriginsFromMistakes(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"origins_from":                     "origins_from needs a source",
		"origins_from nowhere x":           `no source "nowhere"; choose`,
		"origins_from file":                "Caddyfile:3",
		"origins_from ask ftp://a.example": "ftp://a.example",
		"origins_from file /a {\nnope\n}":  "nope",
	} {
		config, err := corstest.Adapt("http:// {\ncors https://a.example {\n" + lines + "\n}\n}\n")
		if err == nil {
			_, err = corstest.Provision(t, config)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", lines, err, want)
		}
	}
}

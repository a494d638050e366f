package cors

import (
	"io"
	"net/http"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// TestKeepTrailers: with `upstream keep` the trailers of an upstream that speaks
// CORS stay, as its headers do; those of one that does not are replaced by the
// policy's headers, or by nothing.
func TestKeepTrailers(t *testing.T) {
	t.Parallel()
	for name, speaks := range map[string]bool{"speaks CORS": true, "does not": false} {
		for way, prefix := range map[string]string{"announced": "", "unannounced": http.TrailerPrefix} {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				address := corstest.Upstream(t, func(w http.ResponseWriter, _ *http.Request) {
					if speaks {
						w.Header().Set(httpwords.AllowOrigin, corstest.Evil)
					}
					if prefix == "" {
						w.Header().Set("Trailer", "Access-Control-Expose-Headers, X-Sum")
					}
					io.WriteString(w, "body")
					w.(http.Flusher).Flush()
					w.Header().Set(prefix+httpwords.ExposeHeaders, "X-Sum")
					w.Header().Set(prefix+"X-Sum", "1")
				})
				srv := corstest.Site(t, oneLine+" {\n\tupstream keep\n}\nreverse_proxy "+address)
				res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App))
				corstest.WantHeader(t, res.Trailer, "X-Sum", "1")
				if speaks {
					corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.Evil)
					corstest.WantHeader(t, res.Trailer, httpwords.ExposeHeaders, "X-Sum")
				} else {
					corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
					corstest.WantNothing(t, res.Trailer)
				}
			})
		}
	}
}

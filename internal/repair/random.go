package repair

import (
	"net/http"
	"regexp"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

var uuid = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// withoutRandom blanks what is another in each answer, so that answers can be
// compared: {http.request.uuid}, and the nonce of `file_server browse`.
func withoutRandom(h http.Header) {
	for name, values := range h {
		if httpwords.IsCORSResponseHeader(name) {
			continue
		}
		for i, v := range values {
			values[i] = uuid.ReplaceAllString(v, "")
		}
	}
}

package browser

import (
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6455 asks for it; nothing secret hangs on it
	"encoding/base64"
	"net/http"
	"strings"
)

// handshake are the headers that a browser adds to the request of a WebSocket
// (https://websockets.spec.whatwg.org/#concept-websocket-establish).
func handshake() Headers {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails
	return Headers{
		{"Upgrade", "websocket"},
		{"Connection", "Upgrade"},
		{hWebSocketKey, base64.StdEncoding.EncodeToString(key)},
		{"Sec-WebSocket-Version", "13"},
	}
}

// WebSocketAccept is the Sec-WebSocket-Accept that answers a Sec-WebSocket-Key (RFC 6455, 4.2.2).
func WebSocketAccept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // as above
	return base64.StdEncoding.EncodeToString(sum[:])
}

// finishHandshake judges the answer to a handshake (RFC 6455, 4.1). No header of CORS counts: the server alone decides
// which origins it talks to.
func (f *flight) finishHandshake(resp Response) Verdict {
	key, _ := f.headers.Get(hWebSocketKey)
	upgrade, _ := resp.Headers.Get("Upgrade")
	accept, _ := resp.Headers.Get("Sec-WebSocket-Accept")
	switch {
	case resp.Status != http.StatusSwitchingProtocols:
		return f.end(Refused, fail(WebSocketRefused, "the handshake was answered %d instead of 101", resp.Status))
	case !strings.EqualFold(upgrade, "websocket"):
		return f.end(Refused, fail(WebSocketRefused, "the handshake was answered 101, but it upgrades to %q instead of websocket", upgrade))
	case accept != WebSocketAccept(key):
		return f.end(Refused, fail(WebSocketRefused, "the handshake was answered 101 with a Sec-WebSocket-Accept that does not fit (%q)", accept))
	}
	f.v.Status = resp.Status
	return f.end(Opens, nil)
}

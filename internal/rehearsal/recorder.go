package rehearsal

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// recorder is the connection: it keeps the final status and the headers as they
// go over the wire.
type recorder struct {
	run     *run
	header  http.Header
	sent    http.Header // nil until the status is written
	status  int
	written int64
}

// Header implements http.ResponseWriter.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(status int) {
	if status < 100 || status > 999 { // as net/http
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	}
	if w.sent != nil || status < 200 && status != http.StatusSwitchingProtocols {
		return
	}
	w.status, w.sent = status, onWire(w.header)
	w.run.answeredBy()
}

// Write implements http.ResponseWriter.
func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.written += int64(len(b))
	return len(b), nil
}

// FlushError is what http.ResponseController looks for.
func (w *recorder) FlushError() error {
	w.WriteHeader(http.StatusOK)
	return nil
}

// Hijack implements http.Hijacker: the client hangs up at once.
func (*recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	here, there := net.Pipe()
	_ = there.Close()
	return here, bufio.NewReadWriter(bufio.NewReader(here), bufio.NewWriter(here)), nil
}

// SetReadDeadline is what http.ResponseController looks for.
func (*recorder) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is what http.ResponseController looks for.
func (*recorder) SetWriteDeadline(time.Time) error { return nil }

// EnableFullDuplex is what http.ResponseController looks for.
func (*recorder) EnableFullDuplex() error { return nil }

var lineBreaks = strings.NewReplacer("\r", " ", "\n", " ")

// onWire is a header map as net/http sends it: fields whose names are no tokens
// are dropped, line breaks become spaces, and values are trimmed.
func onWire(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		if !httpguts.ValidHeaderFieldName(name) || strings.HasPrefix(name, http.TrailerPrefix) {
			continue
		}
		key := http.CanonicalHeaderKey(name)
		for _, v := range values {
			out[key] = append(out[key], strings.Trim(lineBreaks.Replace(v), " \t"))
		}
	}
	return out
}

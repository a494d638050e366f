package e2e

import (
	"bufio"
	"crypto/sha1" //nolint:gosec // RFC 6455 wants it
	"embed"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// upstream is what stands behind the handler and what it answers.
type upstream struct {
	status  int
	headers [][2]string // <here> is the path of the case's run; <api> and the like are origins
	body    string
	kind    string              // what sort of answer, see answers
	at      map[string]upstream // other answers, by the rest of the path
	nth     []upstream          // other answers to the first requests, in order
	etag    string              // a request that has it gets a 304
	on304   [][2]string         // headers of the 304 instead of those of the 200
}

// hello is the body of ordinary answers.
const hello = "hello"

//go:embed testdata
var testdata embed.FS

// redirect is an upstream that sends on.
func redirect(status int, location string) upstream {
	return upstream{status: status, headers: [][2]string{{"Location", location}}}
}

func answer(status int, headers ...[2]string) upstream {
	return upstream{status: status, headers: headers}
}

// serveBehind is the server that reverse_proxy asks.
func (w *world) serveBehind(rw http.ResponseWriter, r *http.Request) {
	c, key, rest := w.caseOf(r.URL.Path)
	if c == nil {
		http.Error(rw, "no such case", http.StatusNotFound)
		return
	}
	w.log.reach(key)
	u := c.behind
	if n := w.log.asked(key); n > 0 && n <= len(u.nth) {
		u = u.nth[n-1]
	} else if other, ok := u.at[rest]; ok {
		u = other
	}
	_, _ = io.Copy(io.Discard, r.Body)
	fill := strings.NewReplacer("<here>", here(c, strings.TrimSuffix(key, "."+strconv.Itoa(c.number))))
	h := rw.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/plain")
	h.Set("X-A", "a")
	h.Set("X-B", "b")
	set := func(headers [][2]string) {
		for _, line := range headers {
			name := http.CanonicalHeaderKey(line[0])
			if name == "Cache-Control" || name == "Content-Type" || name == "X-A" {
				h.Del(name)
			}
			h.Add(name, w.names.Replace(fill.Replace(line[1])))
		}
	}
	if u.etag != "" && r.Header.Get("If-None-Match") == u.etag {
		set(u.on304)
		h.Set("ETag", u.etag)
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	if u.etag != "" {
		h.Set("ETag", u.etag)
	}
	set(u.headers)
	serve := answers[u.kind]
	if serve == nil {
		panic("no kind of answer " + u.kind)
	}
	serve(w, rw, r, u, key)
}

// answers has the sorts of answers by name.
var answers = map[string]func(w *world, rw http.ResponseWriter, r *http.Request, u upstream, key string){
	"":       plainAnswer,
	"image":  media("image/png", "testdata/pixel.png"),
	"font":   media("font/ttf", "testdata/box.ttf"),
	"script": text("text/javascript", "self.scriptRan = true;\n"),
	"module": text("text/javascript", "export const ran = true;\n"),
	"style":  text("text/css", ".e2e { color: red }\n"),
	"events": eventAnswer,
	"stream": streamAnswer,
	"hints":  hintsAnswer,
	"socket": socketAnswer,
}

func plainAnswer(_ *world, rw http.ResponseWriter, _ *http.Request, u upstream, _ string) {
	body := u.body
	if body == "" {
		body = hello
	}
	status := u.status
	if status == 0 {
		status = http.StatusOK
	}
	if status != http.StatusNoContent && status != http.StatusNotModified {
		rw.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	rw.WriteHeader(status)
	_, _ = io.WriteString(rw, body)
}

func media(contentType, file string) func(*world, http.ResponseWriter, *http.Request, upstream, string) {
	b, err := testdata.ReadFile(file)
	if err != nil {
		panic(err)
	}
	return text(contentType, string(b))
}

func text(contentType, body string) func(*world, http.ResponseWriter, *http.Request, upstream, string) {
	return func(w *world, rw http.ResponseWriter, r *http.Request, u upstream, key string) {
		rw.Header().Set("Content-Type", contentType)
		u.body = body
		plainAnswer(w, rw, r, u, key)
	}
}

// hintsAnswer sends a 103 in front of the answer.
func hintsAnswer(w *world, rw http.ResponseWriter, r *http.Request, u upstream, key string) {
	rw.Header().Set("Link", "</style.css>; rel=preload; as=style")
	rw.WriteHeader(http.StatusEarlyHints)
	rw.Header().Del("Link")
	plainAnswer(w, rw, r, u, key)
}

// eventAnswer sends one event and ends, so that the browser comes again and
// says which event was the last.
func eventAnswer(_ *world, rw http.ResponseWriter, r *http.Request, _ upstream, _ string) {
	rw.Header().Set("Content-Type", "text/event-stream")
	data := "first"
	if r.Header.Get("Last-Event-ID") == "1" {
		data = "again"
	}
	fmt.Fprintf(rw, "retry: 50\nid: 1\ndata: %s\n\n", data)
}

// streamAnswer sends the second half only when the page has got the first.
func streamAnswer(w *world, rw http.ResponseWriter, r *http.Request, _ upstream, key string) {
	fmt.Fprint(rw, "first,")
	_ = http.NewResponseController(rw).Flush()
	select {
	case <-w.desk.released(key):
		fmt.Fprint(rw, "second")
	case <-time.After(10 * time.Second):
	case <-r.Context().Done():
	}
}

// socketAnswer opens a WebSocket (RFC 6455), says hello and closes.
func socketAnswer(_ *world, rw http.ResponseWriter, r *http.Request, _ upstream, _ string) {
	conn, buf, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // see above
	fmt.Fprintf(buf, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	fmt.Fprintf(buf, "\x81%c%s", len(hello), hello) // a text frame
	_ = buf.Flush()
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, _ = bufio.NewReader(conn).ReadByte() // the page closes
}

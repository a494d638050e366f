package check

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// rawServer writes the answer to each request as it stands, and holds the
// connection.
func rawServer(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go func() {
				requests := bufio.NewReader(conn)
				for {
					if _, err := http.ReadRequest(requests); err != nil {
						return
					}
					_, _ = conn.Write([]byte(answer))
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// hostile are bytes and characters that change a terminal, or what people see
// on it: C1 as a character and as a byte, bidi and invisible ones. Go's client
// takes no answer with C0 or DEL in a header; they are in worse.
const (
	hostile = "\u009b31m|\x9b31m|\u202e|\u2066|\u200f|\u2028|\U000e0001|"
	worse   = "\x1b[31m|\x07|\x7f|\r|" + hostile
)

func TestPrintable(t *testing.T) {
	t.Parallel()
	if got, want := httpwords.Printable("a\té€ "+worse), "a\té€ .[31m|.|.|.|.31m|.31m|.|.|.|.|.|"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestNothingHostileIsPrinted: whatever the server says, wherever it is printed.
func TestNothingHostileIsPrinted(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"allowed origin": "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: x" + hostile + "\r\nContent-Length: 0\r\n\r\n",
		"methods":        "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: x" + hostile + "\r\nContent-Length: 0\r\n\r\n",
		"cache":          "HTTP/1.1 200 OK\r\nAge: x" + hostile + "\r\nVia: x" + hostile + "\r\nVary: origin" + hostile + "\r\nContent-Length: 0\r\n\r\n",
		"location":       "HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nLocation: /login" + hostile + "?" + hostile + "#" + hostile + "\r\nContent-Length: 0\r\n\r\n",
		"other host":     "HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nLocation: https://x" + hostile + "/\r\nContent-Length: 0\r\n\r\n",
		"no HTTP":        "x" + worse + "\r\n\r\n",
		"bad header":     "HTTP/1.1 200 OK\r\nx" + worse + ": 1\r\n\r\n",
	} {
		for _, method := range []string{"GET", "PUT"} {
			for _, asJSON := range []bool{false, true} {
				var out bytes.Buffer
				q := Question{URL: rawServer(t, answer), Origin: app, Method: method}
				_, err := Run(&out, q, &Transport{Timeout: 10 * time.Second, Send: true}, true, asJSON)
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if reached := strings.Contains(out.String(), "31m|"); !reached {
					t.Errorf("%s: what the server says is not printed:\n%s", name, out.String())
				}
				for _, r := range out.String() {
					if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar) {
						t.Fatalf("%s, %s, JSON %t: %q is printed:\n%q", name, method, asJSON, r, out.String())
					}
				}
				if asJSON && !json.Valid(out.Bytes()) {
					t.Errorf("%s: no JSON:\n%s", name, out.String())
				}
			}
		}
	}
}

// TestJSONKeepsTheValue: escaping changes how a character is written, not which
// one it is.
func TestJSONKeepsTheValue(t *testing.T) {
	t.Parallel()
	const want = "é\u009b\u202e\x7f\U000e0001€\\ \" <&>"
	var out bytes.Buffer
	if err := WriteJSON(&out, want); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got != want {
		t.Errorf("%q became %q, %v", want, got, err)
	}
	if text := out.String(); !strings.Contains(text, "é") || !strings.Contains(text, "<&>") {
		t.Errorf("%s escapes what is harmless", text)
	}
}

// TestEndlessAnswers: headers are all that counts, so no body keeps the command,
// whatever its length is said to be. The servers hold the connection for ever;
// the timeout is far beyond what a test may take.
func TestEndlessAnswers(t *testing.T) {
	t.Parallel()
	const allowed = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n"
	for name, c := range map[string]struct {
		answer, want string
	}{
		"of unknown length":              {allowed + "\r\nbeginning", "READABLE"},
		"in chunks that never end":       {allowed + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "READABLE"},
		"shorter than it says":           {allowed + "Content-Length: 10\r\n\r\nabc", "READABLE"},
		"much longer":                    {allowed + fmt.Sprintf("Content-Length: %d\r\n\r\nabc", 1<<40), "READABLE"},
		"a stream":                       {allowed + "Content-Type: text/event-stream\r\n\r\ndata: x\n\n", "READABLE"},
		"another protocol":               {"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n", "status 101 is no final answer"},
		"a redirect with an endless end": {"HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nLocation: ftp://x/\r\n\r\nabc", "redirect_scheme"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, done := rawServer(t, c.answer), make(chan string, 1)
			go func() {
				text, _ := play(t, Question{URL: url, Origin: app}, Transport{Timeout: time.Hour})
				done <- text
			}()
			select {
			case text := <-done:
				wantText(t, text, c.want)
			case <-time.After(10 * time.Second):
				t.Error("the body keeps the command")
			}
		})
	}
}

// TestTimeoutBoundsEverything: a server that redirects without an end in sight,
// and slowly, has no more time than one that does not answer.
func TestTimeoutBoundsEverything(t *testing.T) {
	t.Parallel()
	hops := 0
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		hops++
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if hops > 2 {
			<-r.Context().Done() // each of the first two was in time
			return
		}
		http.Redirect(w, r, "/again", http.StatusFound)
	})
	text, status := play(t, Question{URL: url, Origin: app}, Transport{Timeout: 300 * time.Millisecond})
	if status != ExitUsage {
		t.Errorf("exit status %d", status)
	}
	wantText(t, text, "NO VERDICT", "did not answer in time")
}

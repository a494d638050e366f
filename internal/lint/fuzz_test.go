package lint

import "testing"

// FuzzCaddyfile: whatever Caddy can parse is read without a panic, and every
// finding is whole.
func FuzzCaddyfile(f *testing.F) {
	for _, body := range corpus(f) {
		f.Add(body)
	}
	f.Add(":80 {\n\theader\n\tmap\n\tcors\n\thandle\n\trespond\n\t@x not\n\t@y header\n\t@z expression\n\tinvoke\n}\n")
	f.Fuzz(func(t *testing.T, body string) {
		found, err := Caddyfile("Caddyfile", []byte(body))
		if err != nil {
			return
		}
		whole(t, found)
	})
}

func whole(t *testing.T, found []Finding) {
	t.Helper()
	for _, f := range found {
		if f.ID == "" || f.Problem == "" || f.Effect == "" || f.Cure == "" || f.Line == 0 && f.Path == "" {
			t.Errorf("incomplete: %+v", f)
		}
	}
}

package repair_test

import (
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/repair"
)

// TestJSON adapts a Caddyfile first, so that the cases can be read.
func TestJSON(t *testing.T) {
	for _, tt := range []struct {
		name, config string
		patch        []string // of each operation, what is in it
		reason       string
	}{
		{"one line", "header Access-Control-Allow-Origin *\nrespond ok", []string{"replace /handle/0/routes/0/handle/0"}, ""},
		{
			"by matcher", "@a header Origin https://app.example.com\nheader @a Access-Control-Allow-Origin https://app.example.com\nrespond ok",
			[]string{"replace /routes/0"},
			"",
		},
		{
			"in a proxy", "reverse_proxy localhost:1 {\nheader_down Access-Control-Allow-Origin https://app.example.com\n}",
			[]string{"remove /headers/response/set/Access-Control-Allow-Origin", "add /handle/0"},
			"",
		},
		{
			"behind a preflight by hand", "@o method OPTIONS\nhandle @o {\nheader Access-Control-Allow-Origin https://app.example.com\nrespond 204\n}\nhandle {\nheader Access-Control-Allow-Origin https://app.example.com\nrespond ok\n}",
			[]string{"remove", "remove", "add /routes/0"},
			"",
		},
		{"reflected", "header Access-Control-Allow-Origin {http.request.header.Origin}\nrespond ok", nil, "--origin"},
		{"nothing", "respond ok", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config, err := corstest.Adapt("api.example.com {\n" + tt.config + "\n}\n")
			if err != nil {
				t.Fatal(err)
			}
			res, err := repair.JSON(config, repair.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Patch) != len(tt.patch) || res.Applies() != (len(tt.patch) > 0) {
				t.Fatalf("got %+v, %+v", res.Patch, res.Repairs)
			}
			for i, want := range tt.patch {
				op, path, _ := strings.Cut(want, " ")
				if got := res.Patch[i]; got.Op != op || !strings.HasSuffix(got.Path, path) {
					t.Errorf("operation %d is %+v, want %s", i, got, want)
				}
			}
			if tt.reason != "" && (len(res.Repairs) != 1 || !strings.Contains(res.Repairs[0].Reason, tt.reason)) {
				t.Errorf("got %+v, want %q", res.Repairs, tt.reason)
			}
		})
	}
	if _, err := repair.JSON([]byte(`{"apps": {"http": {"servers": {"s": {"routes": [{"handle": [{"handler": "nonsense"`), repair.Options{}); err == nil {
		t.Error("no error for what is no JSON")
	}
}

package repair_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/repair"
)

// TestReasonsOfLint: what lint would find in the repaired text, and what does not
// go together with another repair, is not shown. The golden files, which do not
// ask lint, have the other reasons.
func TestReasonsOfLint(t *testing.T) {
	for _, tt := range []struct{ name, config, reason, text string }{
		{
			"the site's own address", "api.example.com {\n\theader Access-Control-Allow-Origin https://api.example.com\n\trespond ok\n}\n",
			"in place of these lines, one fault would be left: the only origin is the site's own", "",
		},
		{
			"one moves what the other mends",
			"api.example.com {\n\troute {\n\t\tbasic_auth {\n\t\t\talice $2a$04$7GGjyqWTp3OZRIP3ImaY4.Cs4ztdzvRtaVAMzQUFkJ3I.kx6kdGEa\n\t\t}\n" +
				"\t\tcors https://app.example.com {\n\t\t\tcredentials {$CORS_TEST_X}\n\t\t}\n\t\treverse_proxy localhost:3000\n\t}\n}\n",
			"", "\troute {\n\t\tcors https://app.example.com {\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			diff, res := diffOf(t, "Caddyfile", tt.config)
			if !strings.Contains(diff, tt.reason) || res.Applies() != (tt.text != "") || !strings.Contains(res.New["Caddyfile"], tt.text) {
				t.Errorf("got\n%s\nand %q", diff, res.New["Caddyfile"])
			}
		})
	}
}

// TestOutside: a file that a relative import finds outside the Caddyfile's folder
// cannot be tried without touching it. By its whole name it can.
func TestOutside(t *testing.T) {
	dir := t.TempDir()
	inner := filepath.Join(dir, "site")
	if err := os.Mkdir(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cors.conf"), []byte("header Access-Control-Allow-Origin https://app.example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	res, err := repair.Caddyfile(filepath.Join(inner, "Caddyfile"), []byte("api.example.com {\n\timport ../cors.conf\n\trespond ok\n}\n"), repair.Options{})
	if err != nil || res.Applies() || len(res.Repairs) != 1 || !strings.Contains(res.Repairs[0].Reason, "outside the folder of the Caddyfile") {
		t.Errorf("%v, %+v", err, res)
	}
}

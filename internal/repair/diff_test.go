package repair_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/repair"
)

// diffOf lints a Caddyfile and writes the patch.
func diffOf(t *testing.T, name, text string) (diff string, res *repair.Result) {
	t.Helper()
	report, err := lint.Caddyfile(name, []byte(text), lint.Options{Repair: func(r *lint.Report) {
		var err error
		if res, err = repair.Caddyfile(name, []byte(text), repair.Options{Findings: r.Findings, Stage: r.Stage, Sites: r.Sites}); err != nil {
			t.Error(err)
		}
	}})
	if err != nil || report.Err != nil {
		t.Fatal(err, report.Err)
	}
	var b bytes.Buffer
	res.Diff(&b)
	return b.String(), res
}

// TestLabels: in the Caddyfile that caddy-docker-proxy writes, the repair is said
// as labels too. In others it is not.
func TestLabels(t *testing.T) {
	text := "api.example.com {\n\theader {\n\t\tAccess-Control-Allow-Origin *\n\t\tAccess-Control-Allow-Methods \"GET, PUT\"\n\t}\n\treverse_proxy 172.18.0.3:8080\n}\n"
	const labels = "#   caddy.cors:\n#   caddy.cors.origins: *\n#   caddy.cors.methods: GET PUT\n#   caddy.cors.headers: none\n"
	diff, res := diffOf(t, "/config/caddy/Caddyfile.autosave", text)
	if !strings.Contains(diff, "caddy-docker-proxy writes this file from labels") || !strings.Contains(diff, labels) || !res.Applies() {
		t.Errorf("got\n%s", diff)
	}
	if diff, _ := diffOf(t, "Caddyfile", text); strings.Contains(diff, "label") {
		t.Errorf("got\n%s", diff)
	}
	nested := repair.LabelsOf([]string{"\tcors {", "\t\torigins *", "\t\tfor https://a.example {", "\t\t\tcredentials", "\t\t}", "\t\tmax_age 1h", "\t}"})
	if got := strings.Join(nested, "|"); got != "caddy.cors:|caddy.cors.origins: *|caddy.cors.for: https://a.example|caddy.cors.for.credentials:|caddy.cors.max_age: 1h" {
		t.Errorf("got %s", got)
	}
}

// TestVariables: a variable without which a policy would be wider gets a default
// that closes, and the patched file has no finding.
func TestVariables(t *testing.T) {
	for _, tt := range []struct{ name, option, value, want string }{
		{"credentials", "credentials {$CORS_TEST_X}", "", "credentials {$CORS_TEST_X:false}"},
		{"credentials, set", "credentials {$CORS_TEST_X}", "true", "credentials {$CORS_TEST_X:false}"},
		{"except", "except {$CORS_TEST_X}", "https://a.example", "except {$CORS_TEST_X:https://nobody.example}"},
		{"with a default", "credentials {$CORS_TEST_X:false}", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.value != "" {
				t.Setenv("CORS_TEST_X", tt.value)
			}
			text := "api.example.com {\n\tcors {\n\t\torigins https://app.example.com https://b.example.com\n\t\t" + tt.option + "\n\t}\n\trespond ok\n}\n"
			_, res := diffOf(t, "Caddyfile", text)
			if res.Applies() != (tt.want != "") {
				t.Fatalf("got %+v", res)
			}
			if tt.want == "" {
				return
			}
			after := res.New["Caddyfile"]
			if after != strings.Replace(text, tt.option, tt.want, 1) || len(res.Repairs) != 1 || !res.Repairs[0].Covers("Caddyfile", 4) {
				t.Errorf("got %+v\n%s", res.Repairs, after)
			}
			report, err := lint.Caddyfile("Caddyfile", []byte(after), lint.Options{})
			for _, f := range report.Findings {
				if err != nil || f.ID == "variable" {
					t.Errorf("%v, %+v", err, f)
				}
			}
		})
	}
}

// many is a Caddyfile with some sites by hand among others with cors.
func many(sites, byHand int) string {
	var b strings.Builder
	for i := range sites {
		line := fmt.Sprintf("cors https://app%d.example.com {\n\t\tcredentials\n\t}", i)
		if i%(sites/byHand) == 0 {
			line = fmt.Sprintf("header Access-Control-Allow-Origin https://app%d.example.com", i)
		}
		fmt.Fprintf(&b, "s%d.example.com {\n\t%s\n\treverse_proxy localhost:3000\n}\n", i, line)
	}
	return b.String()
}

// TestOnlyWhatIsConcerned: a repair makes the sites ready that it is about, and no
// others: the work grows with the repairs, not with repairs times sites.
func TestOnlyWhatIsConcerned(t *testing.T) {
	for _, n := range []int{1, 4} {
		ready, res, err := repair.Ready("Caddyfile", []byte(many(40, n)), repair.Options{Findings: found(t, many(40, n))})
		if err != nil || ready != n || len(res.Repairs) != n || !res.Applies() {
			t.Errorf("%v, %d of 40 sites are ready for %d repairs", err, ready, len(res.Repairs))
		}
	}
	if _, res, err := repair.Ready("Caddyfile", []byte(many(40, 4)), repair.Options{Most: 3}); err != nil || len(res.Repairs) > 0 {
		t.Errorf("%v, %d repairs where 3 are the most", err, len(res.Repairs))
	}
}

func found(t testing.TB, text string) []lint.Finding {
	t.Helper()
	report, err := lint.Caddyfile("Caddyfile", []byte(text), lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report.Findings
}

// BenchmarkDiff is what repairs cost beyond lint in a configuration of 2,000 sites.
func BenchmarkDiff(b *testing.B) {
	for _, n := range []int{1, 4, 20} {
		text := many(2000, n)
		report := found(b, text)
		b.Run(fmt.Sprintf("repairs=%d", n), func(b *testing.B) {
			for b.Loop() {
				if res, err := repair.Caddyfile("Caddyfile", []byte(text), repair.Options{Findings: report}); err != nil || len(res.Repairs) != n {
					b.Fatal(err, len(res.Repairs))
				}
			}
		})
	}
}

package cors

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/templates"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// The dashboard and the alerts in docs/grafana speak of metrics, labels and
// values. Each must be one that Prometheus reads from Caddy, or a panel would
// stay empty, and an alert silent, without a word.

// operateQuery is a PromQL expression, the labels that its texts use, and where
// it stands.
type operateQuery struct {
	place, expr string
	uses        []string
}

var (
	operateSelector = regexp.MustCompile(`([a-zA-Z_:][\w:]*)\{((?:[^}"]|"[^"]*")*)\}`)
	operateMatcher  = regexp.MustCompile(`^\s*(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"\s*(?:,|$)`)
	operateBy       = regexp.MustCompile(`\bby\s*\(([^)]*)\)`)
	operateRange    = regexp.MustCompile(`\[[^\]]*\]|\boffset\s+\d+[smhdw]\b`)
	operateWord     = regexp.MustCompile(`[a-zA-Z_:][\w:]*`)
	operateLegend   = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)
	operateLabel    = regexp.MustCompile(`\$labels\.(\w+)`)
)

// operatePromQL are the words that are no names of metrics.
var operatePromQL = []string{"sum", "rate", "increase", "unless", "label_values"}

func TestGrafana(t *testing.T) {
	t.Parallel()
	metrics := scrape(t)
	queries := append(dashboardQueries(t), alertQueries(t)...)
	if len(queries) < 11 {
		t.Fatalf("found only %d expressions", len(queries))
	}
	for _, q := range queries {
		for _, err := range q.judge(metrics) {
			t.Errorf("%s: %v in:\n%s", q.place, err, q.expr)
		}
	}
}

// TestGrafanaJudge: the test above finds what is misspelt.
func TestGrafanaJudge(t *testing.T) {
	t.Parallel()
	metrics := scrape(t)
	const metric = "caddy_cors_requests_total"
	for expr, want := range map[string]string{
		"caddy_cors_request_total":                                                 "no metric caddy_cors_request_total",
		`sum(rate(caddy_cors_request_total{type="actual"}[5m]))`:                   "no metric caddy_cors_request_total",
		metric + `{verdict="refused"}`:                                             "no label verdict",
		metric + `{decision="denied"}`:                                             `no value of decision is "denied"`,
		metric + `{reason=~"method_not_allowed|header_refused"}`:                   `no value of reason is "header_refused"`,
		metric + `{policy!~"tril_.*"}`:                                             `no value of policy is "tril_.*"`,
		metric + `{decision=refused}`:                                              "cannot read",
		"sum by (polcy) (" + metric + ")":                                          "no label polcy",
		"label_values(" + metric + ", polcy)":                                      "no metric polcy",
		"summ(" + metric + ")":                                                     "no metric summ",
		"sum by (policy) (" + metric + ") # $labels.reason":                        "reason is not among the labels",
		"sum by (policy) (" + metric + `{policy=~"$policy"}) # $labels.policy`:     "",
		`sum by (policy) (increase(` + metric + `{type="actual"}[1d] offset 10m))`: "",
	} {
		expr, comment, _ := strings.Cut(expr, " # ")
		got := fmt.Sprint(operateQuery{expr: expr, uses: found(operateLabel, comment)}.judge(metrics))
		if want == "" && got != "[]" || !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %q", expr, got, want)
		}
	}
}

// judge returns what is wrong with an expression.
func (q operateQuery) judge(metrics map[string]labelValues) (wrong []error) {
	var kept []string
	rest := operateSelector.ReplaceAllStringFunc(q.expr, func(selector string) string {
		parts := operateSelector.FindStringSubmatch(selector)
		wrong = append(wrong, judgeMatchers(metrics[parts[1]], parts[2])...)
		return parts[1]
	})
	rest = operateBy.ReplaceAllStringFunc(rest, func(clause string) string {
		kept = append(kept, operateWord.FindAllString(operateBy.FindStringSubmatch(clause)[1], -1)...)
		return ""
	})
	rest = operateRange.ReplaceAllString(rest, "")
	if args, ok := strings.CutPrefix(rest, "label_values("); ok {
		metric, label, _ := strings.Cut(strings.TrimSuffix(args, ")"), ", ")
		if _, ok := metrics[metric][label]; ok {
			rest = metric
		}
	}
	for _, word := range operateWord.FindAllString(rest, -1) {
		if _, ok := metrics[word]; !ok && !slices.Contains(operatePromQL, word) {
			wrong = append(wrong, fmt.Errorf("there is no metric %s", word))
		}
	}
	for _, label := range kept {
		if _, ok := metrics[requestsTotalName][label]; !ok {
			wrong = append(wrong, fmt.Errorf("there is no label %s", label))
		}
	}
	for _, label := range q.uses {
		if !slices.Contains(kept, label) {
			wrong = append(wrong, fmt.Errorf("%s is not among the labels that are left", label))
		}
	}
	return wrong
}

const requestsTotalName = "caddy_cors_requests_total"

// judgeMatchers looks every label up, and every alternative of its value. One
// that matches nothing is wrong even if negated: it would leave out nothing.
func judgeMatchers(labels labelValues, matchers string) (wrong []error) {
	for matchers != "" {
		m := operateMatcher.FindStringSubmatch(matchers)
		if m == nil {
			return append(wrong, fmt.Errorf("cannot read %s", matchers))
		}
		matchers = matchers[len(m[0]):]
		label, op, value := m[1], m[2], m[3]
		if _, ok := labels[label]; !ok {
			wrong = append(wrong, fmt.Errorf("there is no label %s", label))
			continue
		}
		alternatives := []string{regexp.QuoteMeta(value)}
		if strings.HasSuffix(op, "~") {
			alternatives = strings.Split(strings.ReplaceAll(value, "$policy", ".*"), "|")
		}
		for _, alternative := range alternatives {
			re, err := regexp.Compile("^(?:" + alternative + ")$")
			if err != nil || !slices.ContainsFunc(labels[label], re.MatchString) {
				wrong = append(wrong, fmt.Errorf("no value of %s is %q", label, alternative))
			}
		}
	}
	return wrong
}

// labelValues are the values of a metric's labels.
type labelValues map[string][]string

// scrape makes Caddy decide in every way, and reads its metrics as Prometheus
// does.
func scrape(t *testing.T) map[string]labelValues {
	t.Helper()
	srv := corstest.Site(t, `metrics /metrics
		cors /trial* https://new.example.com {
			report_only
			name trial_operate
		}
		cors {
			origins https://app.example.com
			origins_from operate_test_down
			methods PUT
			headers X-A
			name operate
		}`)
	corstest.Ask(t, "GET", srv.URL+"/trial", corstest.From(corstest.App))
	corstest.Ask(t, "GET", srv.URL, corstest.From("nonsense"))
	corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil), corstest.Header{httpwords.SecFetchSite, "same-origin"})
	corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil)) // its source is down
	corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PUT"))
	corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("DELETE"))
	corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PUT"), corstest.Header{httpwords.RequestHeaders, "x-b"})
	corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PUT"), corstest.Header{httpwords.RequestHeaders, strings.Repeat("x", 5000)})

	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(corstest.Ask(t, "GET", srv.URL+"/metrics").Body)
	if err != nil {
		t.Fatal(err)
	}
	metrics := make(map[string]labelValues)
	for name, family := range families {
		metrics[name] = make(labelValues)
		for _, m := range family.GetMetric() {
			for _, l := range m.GetLabel() {
				metrics[name][l.GetName()] = append(metrics[name][l.GetName()], l.GetValue())
			}
		}
	}
	return metrics
}

// downSource is a source that never answers.
type downSource struct{}

func init() { caddy.RegisterModule(downSource{}) }

func (downSource) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.cors.origins.operate_test_down", New: func() caddy.Module { return new(downSource) }}
}

func (downSource) UnmarshalCaddyfile(*caddyfile.Dispenser) error { return nil }

func (downSource) AllowsOrigin(context.Context, string) (bool, error) {
	return false, errors.New("down")
}

// dashboardQueries reads the panels and the variables of the dashboard.
func dashboardQueries(t *testing.T) (queries []operateQuery) {
	t.Helper()
	const file = "docs/grafana/dashboard.json"
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Title         string
		SchemaVersion int
		Panels        []struct {
			ID          int
			Title, Type string
			Description string
			Targets     []struct{ Expr, LegendFormat string }
		}
		Templating struct {
			List []struct {
				Name, Type string
				Query      json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(content, &board); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if board.Title == "" || board.SchemaVersion < 39 {
		t.Errorf("%s: title %q, schema version %d", file, board.Title, board.SchemaVersion)
	}
	ids := make(map[int]bool)
	for _, p := range board.Panels {
		if p.Title == "" || p.Description == "" || len(p.Targets) == 0 || ids[p.ID] {
			t.Errorf("%s: panel %d, %q, lacks something or is there twice", file, p.ID, p.Title)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			queries = append(queries, operateQuery{file + ": " + p.Title, target.Expr, found(operateLegend, target.LegendFormat)})
		}
	}
	for _, v := range board.Templating.List {
		var q struct{ Query string }
		if v.Type == "query" && json.Unmarshal(v.Query, &q) == nil {
			queries = append(queries, operateQuery{file + ": variable " + v.Name, q.Query, nil})
		}
	}
	return queries
}

// alertQueries reads the alerts. An unknown key is an error, as in Prometheus.
func alertQueries(t *testing.T) (queries []operateQuery) {
	t.Helper()
	const file = "docs/grafana/alerts.yml"
	var rules struct {
		Groups []struct {
			Name  string `json:"name"`
			Rules []struct {
				Alert       string            `json:"alert"`
				Expr        string            `json:"expr"`
				For         model.Duration    `json:"for"`
				Labels      map[string]string `json:"labels"`
				Annotations map[string]string `json:"annotations"`
			} `json:"rules"`
		} `json:"groups"`
	}
	decoder := json.NewDecoder(bytes.NewReader(yamlToJSON(t, file)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&rules); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			texts := rule.Annotations["summary"] + rule.Annotations["description"]
			if rule.Alert == "" || len(rule.Annotations) != 2 || rule.Labels["severity"] == "" || texts == "" {
				t.Errorf("%s: %s/%s lacks something", file, group.Name, rule.Alert)
			}
			queries = append(queries, operateQuery{file + ": " + rule.Alert, rule.Expr, found(operateLabel, texts)})
		}
	}
	return queries
}

// yamlToJSON uses the YAML parser of Caddy's templates, which read it in front
// of Markdown: this module needs none of its own.
func yamlToJSON(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	template, err := new(templates.TemplateContext).NewTemplate(file).Parse(`{{(splitFrontMatter .).Meta | toJson}}`)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := template.Execute(&b, "---\n"+string(content)+"\n---\n"); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestOperateValues: docs/operate.md explains every value of a label.
func TestOperateValues(t *testing.T) {
	t.Parallel()
	content := readDocument(t, "docs/operate.md")
	labels := scrape(t)[requestsTotalName]
	for _, label := range []string{"type", "decision", "reason"} {
		for _, value := range labels[label] {
			if value != "" && !strings.Contains(content, "`"+value+"`") {
				t.Errorf("%s %s is not explained", label, value)
			}
		}
	}
}

// found returns the first group of every match, once.
func found(re *regexp.Regexp, text string) (words []string) {
	for _, m := range re.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(words, m[1]) {
			words = append(words, m[1])
		}
	}
	return words
}

package explain_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/explain"
	"github.com/caddy-cors/caddy-cors/internal/policy"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// TestCuresLoad: every policy that is offered loads as it stands, and in a site
// of its own it does what is promised.
func TestCuresLoad(t *testing.T) {
	const configurations = 150
	offered := 0
	for seed := range uint64(configurations) {
		g := &grammar{Rand: rand.New(rand.NewPCG(seed, 2)), upstream: "up:80", auth: "auth:80", folder: t.TempDir()}
		stage, err := rehearsal.Caddyfile("Caddyfile", []byte(g.config()), rehearsal.Options{Ways: true})
		if err != nil {
			continue
		}
		for range 3 {
			page, request := g.question()
			cure := explain.Cure(stage, page, request)
			for _, policy := range policies(cure) {
				offered++
				checkPolicy(t, policy, page, request)
			}
		}
		stage.Close()
	}
	t.Logf("%d policies were offered", offered)
	if offered < configurations/4 {
		t.Errorf("only %d policies were offered", offered)
	}
}

// definitions are the matchers of the grammar's sites.
const definitions = "@api path *\n@mine header Origin *\n@notopt path *\n" +
	"@query path *\n@key path *\n@loop path *\n@client path *\n@vars path *\n@two path *\n@plain path *\n@guest path *\n@there path *\n@pre path *\n@ver path *\n@all path *\n@long path *\n"

func checkPolicy(t *testing.T, policy string, page browser.Page, request browser.Request) {
	t.Helper()
	text := fmt.Sprintf("http://api.localhost:8080, http://other.localhost:8080, http://nowhere.localhost:8080 {\n%s%s\nreverse_proxy up:80\n}\n", definitions, policy)
	stage, err := rehearsal.Caddyfile("Caddyfile", []byte(text), rehearsal.Options{})
	if err != nil {
		t.Errorf("the cure does not load: %v\n%s", err, policy)
		return
	}
	defer stage.Close()
	if words := strings.Fields(policy); strings.HasPrefix(words[1], "/") || strings.HasPrefix(words[1], "*.") || strings.Contains(policy, "preflight forward") {
		return // for its paths only; or as the upstream will have it
	}
	if v := explain.Play(stage, page, request, rehearsal.Plain); v.Outcome != browser.Readable && v.Reason != browser.MethodNotAllowed {
		t.Errorf("a page on %s that asks for %s %s %v %s is still %s (%s) with\n%s",
			page.Origin, request.Method, request.URL, request.Headers, request.Credentials, v.Outcome, v.Detail, policy)
	}
}

var (
	oneLine = regexp.MustCompile("`(cors [^`]+)`")
	block   = regexp.MustCompile(`(?m)^\t(cors .*\{\n(?:\t\t.*\n)*\t\})$`)
)

// policies are the lines and blocks of a cure that are whole policies. Those
// that a sentence names with their place are there already.
func policies(cure string) (all []string) {
	for _, m := range block.FindAllStringSubmatch(cure, -1) {
		all = append(all, m[1])
	}
	for _, m := range oneLine.FindAllStringSubmatchIndex(cure, -1) {
		if !strings.HasPrefix(cure[m[1]:], " (Caddyfile") {
			all = append(all, cure[m[2]:m[3]])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestOptionsWork: a cure that is only options, put into the policy that it names, loads,
// and lets the page read.
func TestOptionsWork(t *testing.T) {
	many := "https://app.example.com https://b.example https://c.example https://d.example https://e.example https://f.example https://g.example"
	folder := t.TempDir()
	list := filepath.Join(folder, "origins.txt")
	if err := os.WriteFile(list, []byte("https://app.example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	offered := 0
	for _, policy := range []string{
		"cors https://app.example.com", "cors https://app.example.com {\nmethods GET\nheaders none\n}", "cors * *",
		"cors " + many, "cors " + many + " {\nmethods PUT\nheaders X-A\n}",
		"cors {\norigins_from file " + list + "\nmethods GET\nheaders X-A\n}", "cors {\norigins_from file " + list + "\norigins https://b.example\n}",
		"cors https://c.example {\norigin_regexp `https://[a-z]{3}\\.example\\.com`\nmethods none\nheaders none\n}",
	} {
		for _, q := range []check.Question{
			{Method: "DELETE"},
			{Method: "PROPFIND"},
			{Headers: []string{"X-B: 1"}},
			{Headers: []string{"Authorization: x", "X-B: 1"}},
			{Method: "PROPFIND", Headers: []string{"X-B: 1"}},
			{Origin: "https://new.example"},
			{Origin: "http://new.example"},
		} {
			q.URL = "https://api.example.com/"
			if q.Origin == "" {
				q.Origin = "https://app.example.com"
			}
			config := "api.example.com {\n" + policy + "\nreverse_proxy up:80\n}\n"
			cure, _ := cureAndVerdict(t, config, q)
			cured, ok := withOptions(config, cure)
			if !ok {
				continue
			}
			offered++
			if _, v := cureAndVerdict(t, cured, q); v.Outcome != browser.Readable {
				t.Errorf("%+v is %s (%s) with %s in\n%s", q, v.Outcome, v.Detail, cure, cured)
			}
		}
	}
	t.Logf("%d options were offered", offered)
	if offered < 20 {
		t.Errorf("only %d options were offered", offered)
	}
}

// cureAndVerdict asks a configuration, which must load.
func cureAndVerdict(t *testing.T, config string, q check.Question) (string, browser.Verdict) {
	t.Helper()
	stage, err := rehearsal.Caddyfile("Caddyfile", []byte(config), rehearsal.Options{Ways: true})
	if err != nil {
		t.Fatalf("%v\n%s", err, config)
	}
	defer stage.Close()
	page, request, err := q.Parse()
	if err != nil {
		t.Fatal(err)
	}
	return explain.Cure(stage, page, request), explain.Play(stage, page, request, rehearsal.Plain)
}

var (
	optionCure = regexp.MustCompile("(?s)the policy at Caddyfile:([0-9]+): (`(?:origins|methods|headers) .*)")
	optionLine = regexp.MustCompile("`([^`]+)`")
)

// withOptions puts the options of a cure into the policy that it names, in the place of those
// of that name. Origins add up.
func withOptions(config, cure string) (string, bool) {
	m := optionCure.FindStringSubmatch(cure)
	if m == nil {
		return "", false
	}
	n, _ := strconv.Atoi(m[1])
	lines := strings.Split(config, "\n")
	var added []string
	for _, option := range optionLine.FindAllStringSubmatch(m[2], -1) {
		added = append(added, option[1])
		name, _, _ := strings.Cut(option[1], " ")
		for i := n; name != "origins" && i < len(lines) && lines[i] != "}"; i++ {
			if strings.HasPrefix(lines[i], name+" ") {
				lines[i] = ""
			}
		}
	}
	if head, ok := strings.CutSuffix(lines[n-1], " {"); ok {
		lines[n-1] = head + " {\n" + strings.Join(added, "\n")
	} else {
		lines[n-1] += " {\n" + strings.Join(added, "\n") + "\n}"
	}
	return strings.Join(lines, "\n"), true
}

// TestCuresOfReasons: each reason that a policy has for a refusal has a cure.
func TestCuresOfReasons(t *testing.T) {
	for r := policy.ReasonNone + 1; int(r) < policy.NumReasons; r++ {
		if !explain.HasCure(r.String()) {
			t.Errorf("%s: there is no cure for it", r)
		}
	}
}

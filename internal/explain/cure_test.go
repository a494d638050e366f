package explain_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/explain"
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
const definitions = "@api path *\n@mine header Origin *\n@notopt path *\n"

func checkPolicy(t *testing.T, policy string, page browser.Page, request browser.Request) {
	t.Helper()
	text := fmt.Sprintf("http://api.localhost:8080, http://other.localhost:8080 {\n%s%s\nreverse_proxy up:80\n}\n", definitions, policy)
	stage, err := rehearsal.Caddyfile("Caddyfile", []byte(text), rehearsal.Options{})
	if err != nil {
		t.Errorf("the cure does not load: %v\n%s", err, policy)
		return
	}
	defer stage.Close()
	if words := strings.Fields(policy); strings.HasPrefix(words[1], "/") || strings.Contains(policy, "preflight forward") {
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

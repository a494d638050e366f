package main

import (
	"fmt"
	"slices"
	"strings"
)

// The text around the tables and charts. bench/README.md says how it is
// measured.

func benchBlock(rs *results, verdicts []verdict, charts map[string]string) string {
	var b strings.Builder
	b.WriteString("`bench/run` measured this and wrote it here, tables and charts alike.\n" + conditions(rs) + "\n" + peerVersions(rs) + "\n")
	b.WriteString("### Targets\n\n" + targetTable(verdicts) + "\n" + limitText + limitTable(rs) + "\n")
	if parts := partsTable(rs); parts != "" {
		b.WriteString(partsText + parts + "\n")
	}
	bareSection(&b, rs, charts)
	b.WriteString("### In Caddy's chain\n\n" +
		"A site with `respond` alone, with `cors` before it, and with the snippet that people write\n" +
		"by hand; and for measure with a handler that does nothing, and with the least of above.\n" +
		"Each takes turns with `respond` alone, a few requests each, so that both meet the same\n" +
		"disturbances. Each cell: time, allocations; × is the median of the ratios of what `cors` and\n" +
		"the least add in a run.\n\n")
	image(&b, charts, chainChart, "Time of requests through Caddy's chain: with nothing, with cors, with the snippet")
	b.WriteString(chainTable(rs))
	return b.String()
}

func bareSection(b *strings.Builder, rs *results, charts map[string]string) {
	b.WriteString("### Beside other libraries\n\n" +
		"The policy and its headers on a bare header map; everybody has the same policy and gets the\n" +
		"same requests. This handler: time, allocations. Others: how many times as long they take\n" +
		"(**bold** where they are faster), and their allocations.\n\n")
	image(b, charts, growthChart, "Time of an allowed request by the number of origins in the list")
	image(b, charts, requestsChart, "Time of ordinary requests with one origin in the list")
	image(b, charts, hostileChart, "Time of hostile requests with one origin in the list")
	for _, list := range []string{"exact", "wildcard"} {
		for _, n := range rs.sizes("Bare", list) {
			title, body := fmt.Sprintf("%s, %s list", plural(n), list), peerTable(rs, list, n)
			if n == 1 && list == "exact" {
				fmt.Fprintf(b, "%s:\n\n%s\n", title, body)
				continue
			}
			fold(b, title, body)
		}
	}
	b.WriteString(peerNotes)
	fold(b, "What they run in, without CORS", stackTable(rs))
	b.WriteString("This handler alone, by the number of origins: time, and how many times that with the\n" +
		"shortest list. A request that keeps coming from one origin finds its entry in the processor's\n" +
		"cache; 4,096 origins in turn do not.\n\n")
	for _, list := range []string{"exact", "wildcard"} {
		if len(rs.sizes("Bare", list)) > 0 {
			fmt.Fprintf(b, "%s list:\n\n%s\n", strings.ToUpper(list[:1])+list[1:], growthTable(rs, list))
		}
	}
}

// limitText is what bench/least_test.go says.
const limitText = "The least is a handler made for this benchmark, to show the limit. It knows this one policy\n" +
	"and does no more than it must for its headers to be on every response, once: it sets\n" +
	"them before the next handler runs, because Caddy answers errors on another writer with the\n" +
	"same map; it looks over the map when the response leaves, because the next handler may have\n" +
	"added others, in any spelling; and its values are fresh, because handlers edit them in place.\n" +
	"It parses nothing, has no options, metrics, logs or placeholders, and does not watch streams,\n" +
	"files and upgrades. For the peak of a reload, the least is a handler that only keeps its\n" +
	"configuration.\n\n" +
	"One origin, exact list; time, allocations:\n\n"

const peerNotes = `* ¹ With the router of its framework, which is not there without.
* ² On fasthttp, another HTTP stack, with its own request and response.
* echo's list knows no wildcards. A wildcard stands for one label here, and for any
  number in the others.

`

func scaleBlock(rs *results) string {
	return "From the strings of the configuration to a handler that serves (compile), and a reload: the\n" +
		"new handler is read from JSON and compiled while the old one serves, and then the old one\n" +
		"goes. The peak has both, the JSON decoder's work and garbage in it; the last two columns are\n" +
		"those of a handler that only keeps its configuration.\n" +
		"Measured by `bench/run`. " + conditions(rs) + "\n\n" + scaleTable(rs)
}

// conditions is where and how it was measured.
func conditions(rs *results) string {
	least, most := rs.runs()
	runs := count(least)
	if least != most {
		runs += " to " + count(most)
	}
	s := fmt.Sprintf("Best of the tenth percentiles of %s runs, and medians of all else; %s/%s, %s threads", runs, rs.config["goos"], rs.config["goarch"], rs.threads)
	if v := rs.config["goversion"]; v != "" {
		s += ", " + v
	}
	return s + "."
}

// peerVersions is what bench/run noted about the peers.
func peerVersions(rs *results) string {
	var peers []string
	for _, h := range handlerNames {
		if v := rs.config[h.id]; v != "" {
			peers = append(peers, h.text+" "+v)
		}
	}
	if len(peers) == 0 {
		return ""
	}
	return strings.Join(peers, ", ") + ".\n"
}

func fold(b *strings.Builder, title, body string) {
	fmt.Fprintf(b, "<details><summary>%s</summary>\n\n%s\n</details>\n\n", title, body)
}

func image(b *strings.Builder, charts map[string]string, name, alt string) {
	if charts[name] != "" {
		fmt.Fprintf(b, "![%s](%s)\n\n", alt, name)
	}
}

// The charts, by the names of their files.
const (
	growthChart   = "performance-growth.svg"
	requestsChart = "performance-requests.svg"
	hostileChart  = "performance-hostile.svg"
	chainChart    = "performance-chain.svg"
)

// charts draws those for which something was measured.
func charts(rs *results) map[string]string {
	bare := func(match func(q string) bool) []key {
		return rs.keys("Bare", func(k key) bool {
			return k.list == "exact" && k.origins == 1 && match(k.request) && !isLimit(k.handler)
		})
	}
	ordinary := []string{"no-origin", "actual-allowed", "actual-refused", "preflight-allowed", "preflight-refused", "preflight-30-headers"}
	drawn := map[string]string{
		growthChart: drawGrowth(rs, "actual-allowed-spread"),
		requestsChart: drawBars(rs, "Requests, with one origin in the list",
			bare(func(q string) bool { return slices.Contains(ordinary, q) }), linear),
		hostileChart: drawBars(rs, "Hostile requests, with one origin in the list (logarithmic)", bare(isHostile), logarithmic),
		chainChart: drawBars(rs, "Requests through Caddy's whole chain, with one origin in the list",
			rs.keys("Chain", func(k key) bool { return k.origins == 1 && !isLimit(k.handler) }), linear),
	}
	for name, svg := range drawn {
		if svg == "" {
			delete(drawn, name)
		}
	}
	return drawn
}

package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// canvas is an SVG being drawn. Its colours are classes, because those of the
// dark theme are others.
type canvas struct {
	strings.Builder
	width, height float64
}

// theme has the colours: of the page, then one for each handler, named after it.
const theme = `<style>
text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 15px }
.panel { font-weight: 600 }
.faint { fill: #59636e; font-size: 12px }
.ground { fill: #ffffff; stroke: #d1d9e0 }
.grid { stroke: #d1d9e0 }
.strong { font-weight: 600 }
path { fill: none; stroke-width: 1.75; stroke-linejoin: round }
path.cors { stroke-width: 3.5 }
%s@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.faint { fill: #9198a1 }
.ground { fill: #0d1117; stroke: #3d444d }
.grid { stroke: #3d444d }
%s}
</style>
`

// colours of the handlers, in the light and in the dark.
var colours = []struct{ id, light, dark string }{
	{"cors", "#0969da", "#4493f8"},
	{"rs", "#bc4c00", "#f0883e"},
	{"chi", "#1a7f37", "#3fb950"},
	{"gin", "#8250df", "#ab7df8"},
	{"echo", "#bf3989", "#db61a2"},
	{"fiber", "#9a6700", "#d29922"},
	{"nothing", "#818b98", "#656c76"},
	{"snippet", "#bc4c00", "#f0883e"},
}

func newCanvas(width, height float64, title string) *canvas {
	c := &canvas{width: width, height: height}
	var light, dark strings.Builder
	for _, col := range colours {
		const rule = "rect.%[1]s, text.%[1]s { fill: %[2]s } path.%[1]s { stroke: %[2]s }\n"
		fmt.Fprintf(&light, rule, col.id, col.light)
		fmt.Fprintf(&dark, rule, col.id, col.dark)
	}
	fmt.Fprintf(c, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]s %[2]s" width="%[1]s" height="%[2]s" role="img">`+"\n", coordinate(width), coordinate(height))
	fmt.Fprintf(c, "<title>%s</title>\n", html.EscapeString(title))
	fmt.Fprintf(c, theme, light.String(), dark.String())
	fmt.Fprintf(c, `<rect class="ground" x="0.5" y="0.5" width="%s" height="%s" rx="6"/>`+"\n", coordinate(width-1), coordinate(height-1))
	c.text(20, 30, "title", "start", title)
	return c
}

// coordinate is a number of pixels, to a tenth.
func coordinate(v float64) string { return fmt.Sprint(math.Round(v*10) / 10) }

func (c *canvas) text(x, y float64, class, anchor, s string) {
	fmt.Fprintf(c, `<text x="%s" y="%s" class="%s" text-anchor="%s">%s</text>`+"\n", coordinate(x), coordinate(y), class, anchor, html.EscapeString(s))
}

func (c *canvas) line(x1, y1, x2, y2 float64) {
	fmt.Fprintf(c, `<line class="grid" x1="%s" y1="%s" x2="%s" y2="%s"/>`+"\n", coordinate(x1), coordinate(y1), coordinate(x2), coordinate(y2))
}

func (c *canvas) bar(x, y, width, height float64, class string) {
	fmt.Fprintf(c, `<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="2"/>`+"\n", class, coordinate(x), coordinate(y), coordinate(width), coordinate(height))
}

// curve joins points, each an x and a y.
func (c *canvas) curve(class string, points [][2]float64) {
	var d strings.Builder
	for i, p := range points {
		fmt.Fprintf(&d, "%c%s %s", "ML"[min(i, 1)], coordinate(p[0]), coordinate(p[1]))
	}
	fmt.Fprintf(c, `<path class="%s" d="%s"/>`+"\n", class, d.String())
}

func (c *canvas) end() string {
	return c.String() + "</svg>\n"
}

// scale maps values to pixels.
type scale func(v, lowest, highest float64) (share float64)

func linear(v, _, highest float64) float64 { return v / highest }

func logarithmic(v, lowest, highest float64) float64 {
	return math.Log(v/lowest) / math.Log(highest/lowest)
}

// decades are the powers of ten around some values.
func decades(lowest, highest float64) (from, to float64) {
	from, to = math.Pow(10, math.Floor(math.Log10(lowest))), math.Pow(10, math.Ceil(math.Log10(highest)))
	if from == to {
		to *= 10
	}
	return from, to
}

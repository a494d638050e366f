package main

import (
	"math"
	"slices"
)

// The growth chart has one panel a kind of list, both with the same scales,
// which are logarithmic: from one origin to a million.
const (
	plotWidth  = 270.0
	plotHeight = 320.0
	plotLeft   = 70.0
	plotTop    = 80.0
	labelWidth = 135.0
	labelGap   = 15.0
)

// curve is the times of a handler by the number of origins.
type curve struct {
	handler string
	points  [][2]float64
}

func drawGrowth(rs *results, request string) string {
	lists := []string{"exact", "wildcard"}
	panels := make(map[string][]curve)
	lowest, highest, most := math.Inf(1), 0.0, 0.0
	for _, list := range lists {
		for _, k := range rs.keys("Bare", func(k key) bool { return k.list == list && k.request == request && !isLimit(k.handler) }) {
			t, _ := rs.measure(k, seconds)
			panels[list] = addPoint(panels[list], k.handler, float64(k.origins), t)
			lowest, highest, most = min(lowest, t), max(highest, t), max(most, float64(k.origins))
		}
	}
	if most <= 1 {
		return "" // nothing grows
	}
	from, to := decades(lowest, highest)
	c := newCanvas(plotLeft+float64(len(lists))*(plotWidth+labelWidth), plotTop+plotHeight+60, "An allowed request, by the number of origins in the list (both logarithmic)")
	for i, list := range lists {
		p := plot{canvas: c, left: plotLeft + float64(i)*(plotWidth+labelWidth), from: from, to: to, most: most}
		p.draw(list, panels[list], i == 0)
	}
	return c.end()
}

func addPoint(curves []curve, handler string, x, y float64) []curve {
	i := slices.IndexFunc(curves, func(c curve) bool { return c.handler == handler })
	if i < 0 {
		return append(curves, curve{handler, [][2]float64{{x, y}}})
	}
	curves[i].points = append(curves[i].points, [2]float64{x, y})
	return curves
}

type plot struct {
	*canvas
	left, from, to, most float64
}

func (p *plot) x(origins float64) float64 {
	return p.left + plotWidth*logarithmic(origins, 1, p.most)
}

func (p *plot) y(t float64) float64 {
	return plotTop + plotHeight*(1-logarithmic(t, p.from, p.to))
}

func (p *plot) draw(list string, curves []curve, first bool) {
	p.text(p.left, plotTop-18, "panel", "start", list+" origins")
	for t := p.from; t <= p.to*1.001; t *= 10 {
		p.line(p.left, p.y(t), p.left+plotWidth, p.y(t))
		if first {
			p.text(p.left-8, p.y(t)+4, "faint", "end", tick(t))
		}
	}
	for n := 1.0; n <= p.most; n *= 10 {
		p.line(p.x(n), plotTop+plotHeight, p.x(n), plotTop+plotHeight+4)
		if int(math.Round(math.Log10(n)))%2 == 0 || p.most < 1e4 {
			p.text(p.x(n), plotTop+plotHeight+20, "faint", "middle", count(int(n)))
		}
	}
	p.text(p.left+plotWidth/2, plotTop+plotHeight+42, "faint", "middle", "origins in the list")
	p.curves(curves)
}

// tick is a power of ten, without the digits that duration would add.
func tick(t float64) string {
	for _, unit := range []struct {
		name string
		size float64
	}{{" s", 1}, {" ms", 1e-3}, {" µs", 1e-6}} {
		if t >= unit.size*0.999 {
			return count(int(math.Round(t/unit.size))) + unit.name
		}
	}
	return count(int(math.Round(t/1e-9))) + " ns"
}

// curves draws this handler last, so that it is on top, and writes the names at
// the ends, where they do not overlap.
func (p *plot) curves(curves []curve) {
	slices.SortFunc(curves, func(a, b curve) int { return place(handlerNames, b.handler) - place(handlerNames, a.handler) })
	for _, c := range curves {
		points := make([][2]float64, len(c.points))
		for i, at := range c.points {
			points[i] = [2]float64{p.x(at[0]), p.y(at[1])}
		}
		p.curve(c.handler, points)
	}
	end := func(c curve) float64 { return p.y(c.points[len(c.points)-1][1]) }
	slices.SortFunc(curves, func(a, b curve) int { return int(math.Copysign(1, end(a)-end(b))) })
	above := math.Inf(-1)
	for _, c := range curves {
		above = max(end(c)+4, above+labelGap)
		class := c.handler
		if c.handler == ours {
			class += " strong"
		}
		p.text(p.left+plotWidth+8, above, class, "start", handlerText(c.handler))
	}
}

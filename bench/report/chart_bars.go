package main

import "slices"

// Bars are drawn in panels, two in a row, one a request, each with its own
// scale: what counts is how the handlers compare.
const (
	panelWidth  = 400.0
	panelHead   = 30.0 // above the first bar
	barStep     = 20.0
	barHeight   = 14.0
	nameWidth   = 130.0
	valueWidth  = 66.0
	panelMargin = 20.0
)

// drawBars draws the times of some measures; "" if there are none.
func drawBars(rs *results, title string, keys []key, s scale) string {
	requests, handlers := axes(keys)
	if len(keys) == 0 {
		return ""
	}
	height := panelHead + barStep*float64(len(handlers)) + panelMargin
	rows := float64((len(requests) + 1) / 2)
	c := newCanvas(2*panelWidth+panelMargin, 44+rows*height, title)
	for i, q := range requests {
		x := panelMargin + panelWidth*float64(i%2)
		y := 44 + height*float64(i/2)
		c.text(x, y+16, "panel", "start", text(requestNames, q))
		of := slices.DeleteFunc(slices.Clone(keys), func(k key) bool { return k.request != q })
		drawPanel(c, rs, of, s, x, y+panelHead)
	}
	return c.end()
}

func drawPanel(c *canvas, rs *results, keys []key, s scale, x, y float64) {
	values := make([]float64, len(keys))
	for i, k := range keys {
		values[i], _ = rs.measure(k, seconds)
	}
	lowest, _ := decades(slices.Min(values), slices.Max(values))
	lowest /= 10 // so that the shortest bar is one
	for i, k := range keys {
		top := y + barStep*float64(i)
		class := ""
		if k.handler == ours {
			class = "strong"
		}
		c.text(x+nameWidth-8, top+11, class, "end", handlerText(k.handler))
		length := s(values[i], lowest, slices.Max(values)) * (panelWidth - nameWidth - valueWidth - panelMargin)
		c.bar(x+nameWidth, top, max(length, 1), barHeight, k.handler)
		c.text(x+nameWidth+length+6, top+11, class+" faint", "start", duration(values[i]))
	}
}

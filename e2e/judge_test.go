package e2e

import "slices"

// complaints says what is wrong with a browser's report of a case. The table,
// written by hand, and the simulator, asked about the same server, are both
// held against it.
func (c *testCase) complaints(got, simulated *report) (list []string) {
	if s := got.String(); s != c.want {
		list = append(list, "got  "+s, "want "+c.want)
	} else if full := simulated.Full(); c.unsimulated == "" && got.Full() != full {
		list = append(list, "got       "+got.Full(), "simulator "+full)
	}
	list = append(list, c.namesShown(got)...)
	list = append(list, c.letThrough(got)...)
	if last := got.Results[len(got.Results)-1]; c.saysHello() && last.Outcome == "200" && last.Body != hello {
		list = append(list, "the page read "+last.Body+" instead of "+hello)
	}
	return list
}

// namesShown judges which response headers the last step showed.
func (c *testCase) namesShown(r *report) (complaints []string) {
	last := r.Results[len(r.Results)-1]
	for _, name := range c.reads {
		if !slices.Contains(last.Names, name) {
			complaints = append(complaints, "the page must read "+name)
		}
	}
	for _, name := range c.hides {
		if slices.Contains(last.Names, name) {
			complaints = append(complaints, "the page must not read "+name)
		}
	}
	return complaints
}

// letThrough complains of requests that had to be kept out.
func (c *testCase) letThrough(r *report) []string {
	if c.keptOut && r.Reached > 0 {
		return []string{"the request must not reach what stands behind"}
	}
	return nil
}

// saysHello reports whether the last step reads the body of a plain answer.
func (c *testCase) saysHello() bool {
	last := c.steps[len(c.steps)-1]
	return !c.alone && !c.ownSite && c.behind.kind == "" && c.behind.body == "" &&
		(last.Kind == "fetch" || last.Kind == "xhr") && last.Method != "HEAD"
}

package repair

import "slices"

// Tampered repairs with drafts that were changed behind the back of the proof.
func Tampered(name string, body []byte, change func(head, options []string) (newHead, newOptions []string)) (*Result, error) {
	w, err := open(name, body, Options{})
	if err != nil {
		return nil, err
	}
	defer w.close()
	for _, j := range w.jobs {
		for _, d := range j.drafts {
			var head []string
			for _, o := range d.head {
				head = append(head, o.value)
			}
			head, d.body = change(head, d.body)
			for i := range d.readers { // as if its author wanted them
				d.readers[i].credentials = slices.Contains(d.body, "credentials")
			}
			d.head = nil
			for _, o := range head {
				d.head = append(d.head, claim{value: o})
			}
		}
	}
	w.work()
	return w.result(), nil
}

// Patched applies a patch.
var Patched = patched

// InOrder sorts operations.
func InOrder(ops []PatchOperation) []PatchOperation {
	list := make([]edit, 0, len(ops))
	for _, o := range ops {
		list = append(list, edit{op: o})
	}
	return inOrder(list)
}

// Ready is how many sites a repair of a Caddyfile makes ready, before and after.
func Ready(name string, body []byte, o Options) (before int, res *Result, err error) {
	w, err := open(name, body, o)
	if err != nil {
		return 0, nil, err
	}
	defer w.close()
	w.work()
	return len(w.before.places), w.result(), nil
}

// LabelsOf writes a directive as labels.
var LabelsOf = labelsOf

// Named are the origins that the policies are for in what is asked after a repair.
func Named(name string, body []byte, o Options) (list []string, err error) {
	w, err := open(name, body, o)
	if err != nil {
		return nil, err
	}
	defer w.close()
	after, err := w.stage(nil)
	if err != nil {
		return nil, err
	}
	defer after.whole.Close()
	for _, s := range after.sites {
		for _, p := range s.Policies {
			for _, wish := range p.Wishes {
				list = append(list, wish.Origin)
			}
		}
	}
	return list, nil
}

// Asked is how many questions of pages a repair of a Caddyfile asks.
func Asked(name string, body []byte) (questions int, err error) {
	w, err := open(name, body, Options{})
	if err != nil {
		return 0, err
	}
	defer w.close()
	w.work()
	return len(w.before.outcomes), nil
}

"""What each expression was, seen from the rows of the data file, while the author's statements run once."""

import copy
import json
import os
import sys

from ..randomness import Kept
from . import judge
from .asked import METHODS, Asked, as_array, elements
from .chances import of_network
from .fitted import OF_ROWS, Columns, Fitted, Trained, has, is_forecast, no_method, plain_list
from .instrument import ASKED, FITS, PROBE, TURN, Instrument
from .kept import array_of, keep_truth
from .library import Library, is_read_by_numpy
from .loaders import Loaders, about_calls
from .moves import Moves
from .survival import survival
from .tags import Tags, in_batches, kind_of, length
from .windows import Windows

_MOST_SEEN = 400  # times one expression is looked at: one inside a function that is applied row by row says nothing new
_ASKING = ("predict", "fit_predict")
_FILLING = ("For", "While", "With")  # statements that may fill a list row by row
_MOST_TABLES = 20  # in a list that is looked into
_ANSWER = -1  # the statement that stands for the notebook's predictions


class Watch:
    """`job`: `folder` for what is kept, `roots` (sites whose value is the table of rows; empty: every table that is read),
    `answer` ({"after": statement, "source": expression}), `reads` ({statement: names}), `images` (where images are read one by one: {"sites": places whose
    value is one image after the other, "model": its name}, or None)."""

    def __init__(self, job, space):
        self.job, self.space, self.places, self.tags = job, space, [], Tags()
        self.seen, self.values, self.sources, self.facts = {}, {}, {}, {}
        self.turn, self.receivers, self.names, self.candidates, self.fits = [], {}, {}, {}, {}
        self.statements, self.filling, self.passed = {}, set(), set()
        self.saved, self.fitted, self.asked = 0, Fitted(self.tags), {}
        self.library, self.trained, self.columns, self.loaders = Library(self.tags), Trained(self.tags), Columns(), Loaders()
        self.images, self.first_image, self.elements, self.models = job.get("images"), None, {}, Asked(self.loaders)
        self.windows, self.moves = Windows(self.tags, job.get("windows")), Moves(self.tags)
        space[PROBE], space[TURN], space[ASKED] = self.probe, self.next_turn, self.models.model

    def instrument(self, tree, index):
        if any(type(node).__name__ in _FILLING for node in tree.body):
            self.filling.add(index)
        self.models.at = index
        if self.images:
            self.loaders.watch()
        return Instrument(index, self.places, METHODS if self.images else ()).visit(tree)

    def next_turn(self, *variable):
        if variable:
            self.turn.append(variable[0])
        elif self.turn:
            self.turn.pop()

    def probe(self, number, value):
        """Give the value back; a fault of ours may not end the author's run."""
        self.seen[number] = self.seen.get(number, 0) + 1
        if self.seen[number] <= _MOST_SEEN:
            try:
                self._look(number, value)
            except Exception as fault:
                self.facts[number] = {"is": "unknown", "why": f"{type(fault).__name__}: {fault}"}
        return value

    def _look(self, number, value):
        place = self.places[number]
        below = [(n, v) for n in place.below for v in self.sources.get(n, ())]
        sources = list({id(v): v for _, v in below if self.tags.get(v) is not None}.values())
        self.tags.lend(value, self.values.get(place.owner))
        tag = self.tags.get(value)
        owner = self.values.get(place.below[0]) if place.below else None
        loaded = self.library.look(number, place, value, owner) if not (self.images or self.job.get("ahead")) else None
        if loaded is not None and self._is_followed(place, loaded):
            fact = loaded
        elif place.attribute in OF_ROWS and place.below:
            fact = self.fitted.about(self.values.get(place.below[0]), value, self.space)
        elif tag is None and not sources and self.turn and number in self.facts:
            fact = None  # the turn of another table: what was seen of the one that is followed stays
            self.passed.add(number)
        elif tag is None and not sources and not any(self.facts.get(n, {}).get("is") in judge.LIVE for n in place.below):
            fact = self._root(number, place, value)
        else:
            fact = judge.judge(place, value, sources, self.tags, self.facts)
        if fact is not None and fact["is"] == "plain" and self.turn and judge.is_element(place, value, sources, self.turn[-1]):
            fact, sources = {"is": "element", "source": sources[0], "rows": len(sources[0])}, []
        if place.attribute == "fit_transform":  # handed to `apply`: fitted for each column anew
            self.fits.setdefault(number, {})["column"] = copy.deepcopy(value.__self__)
            fact = fact or {"is": "method"}
        moved = self.moves.look(number, place, self.values, value, sources, self.facts.get(number, {}))
        if moved:
            fact = dict(fact or {"is": "moved"}, **moved)
        if place.is_filled:
            self.moves.before(number, value)
        self._ask(number, place, value)
        if place.method in FITS and place.below:
            self.trained.remember(*(self.values.get(n) for n in place.below))
        self.values[number] = value
        is_one = fact is not None and fact["is"] == "element"
        self.sources[number] = [] if is_one else [value] if self.tags.get(value) is not None else sources or self._held(value)
        if fact is not None:
            self._note(number, place, value, fact)

    def _is_followed(self, place, fact):
        """Whether the rows of this data set are those that were asked for; without a wish all are."""
        wanted = [list(site) for site in self.job.get("roots", ())]
        first = self.places[fact["of"]] if "of" in fact else place
        return not wanted or "of" not in fact or [first.statement, *first.site] in wanted

    def _ask(self, number, place, value):
        """Which call of `predict` a value comes from: itself, or one below it."""
        by = number if place.method in _ASKING else next((self.asked[id(v)][0] for n in place.below for v in [self.values.get(n)] if id(v) in self.asked), None)
        if by is not None and kind_of(value):
            self.asked.setdefault(id(value), (by, value))

    def _root(self, number, place, value):
        if self.images:
            return self._images(number, place, value)
        if self.job.get("ahead"):
            return self._forecast(number, place, value)
        wanted = [list(site) for site in self.job.get("roots", ())]
        is_read = place.is_call and (place.function.startswith("read_") and kind_of(value) == "frame" or is_read_by_numpy(place, value))
        is_wanted = [place.statement, *place.site] in wanted and kind_of(value) in ("frame", "array")
        if not (is_wanted if wanted else is_read):
            return None
        import numpy

        self.tags.put(value, number, numpy.arange(length(value)))
        return {"is": "root", "kind": kind_of(value), "width": int(value.shape[1]) if len(value.shape) == 2 else 0}

    def _forecast(self, number, place, value):
        """What a model of a series gives for the steps ahead is the root, with what its call was given besides constants."""
        if not is_forecast(place, self.values.get(place.below[0]) if place.below else None, value):
            return None
        import numpy

        call = place if place.is_call else self.places[place.below[0]]
        given = [dict(self._tested(f"{number}_{n}", self.values[n]), site=self.places[n].site) for n in call.below[1:]]
        self.tags.put(value, number, numpy.arange(len(value)))
        return {"is": "root", "kind": kind_of(value), "width": 1, "steps": len(value), "arguments": given}

    def _images(self, number, place, value):
        """The lists that loops over files filled are one root, whichever of them is read first."""
        if [place.statement, *place.site] not in self.images["sites"] or kind_of(value) not in ("list", "array", "series") or not length(value):
            return {"is": "rows", "kind": "list"} if self._holds_images(value) else None
        import numpy

        self.first_image = number if self.first_image is None else self.first_image
        self.tags.put(value, self.first_image, numpy.arange(length(value)))
        self.elements.update(elements(value))
        return {"is": "images", "kind": kind_of(value), "count": length(value)}

    def _within(self, name):
        """The tag of images that stand beside other things in a dictionary, as scikit-learn's Bunch is one."""
        value = self.space[name] if self.images else None
        return next(filter(None, map(self.tags.get, value.values())), None) if isinstance(value, dict) else None

    def _part_of(self, name):
        """The tag of the first table of rows in a list, a tuple or a dictionary that the name holds."""
        value = self.space.get(name)
        held = self._held(list(value.values()) if isinstance(value, dict) else value)
        return self.tags.get(held[0]) if held else None

    def _holds_images(self, value):
        """A list of the very images of another one, in whatever order: it is tagged."""
        if type(value) is not list or not value or id(value[0]) not in self.elements or any(id(item) not in self.elements for item in value):
            return False
        import numpy

        self.tags.put(value, self.first_image, numpy.array([self.elements[id(item)] for item in value]))
        return True

    def _held(self, value):
        """The tables in a list, of which a name may hold several."""
        items = value if isinstance(value, (list, tuple)) and len(value) <= _MOST_TABLES and not self.images else ()
        return [item for item in items if kind_of(item) in ("frame", "series", "array") and self.tags.get(item) is not None]

    def _note(self, number, place, value, fact):
        if "source" in fact:
            source = fact["source"]
            fact["source"] = self._site_below(number, source)
            if not fact["source"]:  # it came in a list that a name holds
                fact["source_name"] = next((name for name, held in list(self.space.items()) if held is source and not name.startswith("_")), "")
        if place.method in (*FITS, "predict", "predict_proba", "transform"):
            receiver = self.values.get(place.below[0]) if place.below else None
            fact["receiver"] = type(receiver).__module__ + "." + type(receiver).__name__
            self._model(number, place, receiver, fact)
        if kind_of(value) == "frame" and fact["is"] in ("rows", "columns", "root"):
            fact["columns"] = [name if isinstance(name, (str, int, float)) else str(name) for name in value.columns]
            fact["dtypes"] = [str(dtype) for dtype in value.dtypes]
        if fact["is"] in ("rows", "columns") and isinstance(getattr(value, "ndim", None), int):
            fact.update(ndim=value.ndim, width=int(value.shape[1]) if value.ndim == 2 else 1)
        if fact["is"] == "plain":
            self._keep(number, value, fact)
        if fact["is"] == "through" and isinstance(value, (list, tuple)):
            fact["others"] = [place for place, item in enumerate(value) if kind_of(item) == "frame" and self.tags.get(item) is None]
        known = self.facts.get(number, {})
        roots = {tag.root for tag in map(self.tags.get, (value, *self.sources[number])) if tag}.union(known.get("roots", ()))
        self.facts[number] = dict(known, **fact, times=self.seen[number], first=known.get("first", self.seen[number]), roots=sorted(roots))

    def _model(self, number, place, receiver, fact):
        if place.method in FITS[1:] and receiver is not None:
            fitted = copy.deepcopy(receiver)
            self.fits.setdefault(number, {})[self._key()] = fitted
            self.columns.keep(number, place, [self.values.get(n) for n in place.below[1:2]], fitted)
        if place.method in FITS and place.given:
            self.fitted.remember(receiver, place.given, self.space)
        if place.method in _ASKING:
            fact["classes"] = plain_list(getattr(receiver, "classes_", None))
            fact["has_probabilities"] = has(receiver, "predict_proba") and not (place.method == "fit_predict" and fact["classes"])
            fact["has_predict"], fact["type"] = has(receiver, "predict"), type(receiver).__name__
            if fact["has_probabilities"] and fact["classes"] is None:
                fact["classes"] = list(range(getattr(receiver, "n_components", 0)))  # a mixture has no other names for its parts

    def _key(self):
        return self.turn[-1] if self.turn and isinstance(self.turn[-1], (str, int)) else None

    def _keep(self, number, value, fact):
        self.columns.keep(number, self.places[number], [v for n in self.places[number].below for v in self.sources.get(n, ())], value)
        known = self.candidates.setdefault(number, {})
        key = self._key()
        if key in known and not judge.is_same(known[key], value):
            fact["conflict"] = True
        known[key] = copy.deepcopy(value)

    def _site_below(self, number, source):
        """The nearest expression inside this one that gave this very value."""
        for below in self.places[number].below:
            if self.values.get(below) is source:
                return self.places[below].site
        for below in self.places[number].below:
            found = self._site_below(below, source)
            if found:
                return found
        return []

    def after(self, index):
        """What the names are, now that a statement has run; then the notebook's answer, when it is due. A fault of ours may not end the author's run."""
        self.turn = []
        self.statements[index] = {"live": {}, "names": {}}
        try:
            self._after(index)
        except Exception as fault:
            self.statements[_ANSWER] = {"why": f"its rows could not be followed ({type(fault).__name__}: {str(fault)[:200]})"}

    def _after(self, index):
        for value in list(self.space.values()) if self.elements else ():
            if self.tags.get(value) is None:
                self._holds_images(value)
        names = [name for name in list(self.space) if not name.startswith("_")]
        live = {name: tag for name in names if (tag := self.tags.get(self.space[name]) or self._within(name) or self._part_of(name))}
        for name in self.job.get("binds", {}).get(str(index), ()) if index in self.filling else ():
            tag = self._grown(name, live, self.job["reads"].get(str(index), ())) if name not in live and name in self.space else None
            if tag is not None:
                live[name] = tag
        placed = [({"site": place.site}, self.values.get(n)) for n, place in enumerate(self.places) if place.statement == index]
        cut = self.windows.cut(self.job.get("binds", {}).get(str(index), ()), self.space, placed, live)
        live.update({name: self.tags.get(self.space[name]) for name in cut})
        self.statements[index] = {"live": {name: [tag.root, kind_of(self.space[name]), len(tag.positions)] for name, tag in live.items()}, "windows": cut}
        reads = [name for name in self.job["reads"].get(str(index), ()) if name not in live and name in self.space]
        self.statements[index]["names"] = {name: self._named(index, name) for name in reads}
        if index == self.job["answer"]["after"]:
            self._answer()

    def _grown(self, name, live, reads):
        """A list or an array that a statement filled row by row or batch by batch: as many values as one of the tables that it read has rows."""
        value = self.space[name]
        if kind_of(value) not in ("list", "array"):
            return None
        counts = {length(value), in_batches(value)} - {None}
        found = {id(live[read]): live[read] for read in reads if read in live and len(live[read].positions) in counts and len(live[read].positions) > 1}
        same = {(tag.root, tuple(tag.positions)) for tag in found.values()}
        tag = next(iter(found.values())) if len(same) == 1 else None
        return self.tags.alias(value, tag) if tag is not None else None

    def _named(self, index, name):
        value = self.space[name]
        is_function = callable(value) and not hasattr(value, "fit") and not hasattr(value, "state_dict")
        if kind_of(value) == "" and (is_function or isinstance(value, type(sys))):
            return None
        return self._tested(f"{index}_{name}", value)

    def _tested(self, stem, value):
        self.saved += 1
        return survival(value, os.path.join(self.job["folder"], str(self.saved)))

    def _answer(self):
        import ast

        with Kept():
            tree = ast.parse(self.job["answer"]["source"], mode="eval")
            tree = ast.fix_missing_locations(Instrument(_ANSWER, self.places).visit(tree))
            try:
                value = eval(compile(tree, "<answer>", "eval"), self.space)
            except AttributeError as error:
                self.statements[_ANSWER] = {"why": no_method(error)}
                return
            if self._is_another(value):
                self.statements[_ANSWER] = {"why": "the rows that the model was asked about are changed before the statement ends"}
                return
            self.statements[_ANSWER] = self._answered(value)

    def _is_another(self, value):
        """Whether the author's own call gave something else."""
        call = self.job["answer"].get("call")
        same = [self.values[n] for n, place in enumerate(self.places) if call and [place.statement, *place.site] == call and n in self.values]
        return bool(call) and not (same and judge.is_same(same[-1], value))

    def _answered(self, value):
        import numpy

        tag = self.tags.get(value)
        if self.images is None and (tag is None or not (tag.positions >= 0).any()):
            return {"why": self.windows.why or "the predictions could not be followed back to the rows of a data file"}
        folder = self.job["folder"]
        os.makedirs(folder, exist_ok=True)
        if self.images:
            return self._answered_images(value, tag)
        numpy.save(os.path.join(folder, "positions.npy"), tag.positions)
        numpy.save(os.path.join(folder, "answer.npy"), array_of(value))
        keep_truth(self.job["answer"].get("truth"), self.space, len(tag.positions), folder)
        found = {"root": tag.root, "rows": len(tag.positions), "trained": self._share(value, tag), "windows": self.windows.known.get(tag.root)}
        found["orders"] = self.moves.write(tag, folder)
        reads = {name: self._named(_ANSWER, name) for name in self.job["answer"]["names"] if name in self.space and self.tags.get(self.space[name]) is None}
        found["names"] = reads
        probabilities, found["outputs"] = self._probabilities(value)
        if probabilities is not None:
            numpy.save(os.path.join(folder, "probabilities.npy"), probabilities)
        return dict(found, probabilities=probabilities is not None)

    def _answered_images(self, value, tag):
        """What the model was asked about, and the notebook's own answers where they are one for each of it."""
        import numpy

        model = self.space.get(self.images["model"])
        found = self.models.write(self.job["folder"], model)
        array = numpy.asarray(value.detach() if hasattr(value, "detach") else value) if kind_of(value) else None
        calls = self.models.about(model) or []
        if calls and calls[0].get("site"):
            found["torch"] = about_calls(self.loaders, model, calls, self.places, self.values)
        if array is not None and array.ndim and len(array) == found["asked"] and not found.get("is_set") and "torch" not in found:
            numpy.save(os.path.join(self.job["folder"], "answer.npy"), array if array.dtype != object else array.astype(str))
            found["own"] = list(array.shape)
        reads = {name: self._named(_ANSWER, name) for name in self.job["answer"]["names"] if name in self.space and self.tags.get(self.space[name]) is None}
        found["has_chances"] = os.path.exists(os.path.join(self.job["folder"], "asked_chances.npy"))
        root = self.first_image if tag is None else tag.root
        return {"probabilities": found["has_chances"], "root": root, "rows": found["asked"], "images": found, "names": reads}

    def _asking(self, answer):
        """The call of `predict` that gave the answer; of several models that could have, none is guessed."""
        asking = [n for n in sorted(self.facts, reverse=True) if self.places[n].method in _ASKING and self.places[n].statement in self.job["answer"]["made"]]
        asking = [n for n in asking if len(self.places[n].below) >= 2]
        receivers = {id(self.values[self.places[n].below[0]]) for n in asking}
        return self.asked[id(answer)][0] if id(answer) in self.asked else asking[0] if len(receivers) == 1 else None

    def _share(self, answer, asked):
        """How many of these rows of the file the model that gave the answer was fitted on; None where that is not known."""
        number = self._asking(answer)
        return self.trained.count(self.values.get(self.places[number].below[0]), asked) if number is not None and self.places[number].below else None

    def _probabilities(self, answer):
        """What the model that gave the answer gives for the very rows of it, and of how many numbers of a network these are made (0: of none)."""
        number = self._asking(answer)
        if number is None or len(self.places[number].below) < 2:
            return None, 0
        model, data = (self.values.get(below) for below in self.places[number].below[:2])
        is_estimator = self.facts.get(number, {}).get("has_probabilities")
        return (as_array(model.predict_proba(data)), 0) if is_estimator else of_network(model, as_array(self.values.get(number)), as_array(answer))

    def write(self):
        """`facts.json`: the facts by place, with the format that each value survives in."""
        for number, by_key in self.candidates.items():
            fact = self.facts[number]
            if fact["is"] == "plain":
                by_key = self._by_column(number, by_key, fact)
                value = by_key if list(by_key) != [None] else by_key[None]
                fact.update(self._tested(str(number), value), by_key=list(by_key) != [None])
        for number, by_key in self.fits.items():
            by_key = self._by_column(number, by_key, self.facts[number])
            value = by_key if list(by_key) != [None] else by_key[None]
            self.facts[number].update(fitted=self._tested(str(number), value), by_key=list(by_key) != [None])
        for fact in (fact for number, fact in self.facts.items() if fact.get("first", 1) > 1 or number in self.passed):
            fact["nth"] = fact["first"]  # seen of one table among several: which time it was
        facts = [dict(fact, statement=self.places[n].statement, site=self.places[n].site, number=n, call=self.places[n].function)
                 for n, fact in sorted(self.facts.items())]
        os.makedirs(self.job["folder"], exist_ok=True)
        with open(os.path.join(self.job["folder"], "facts.json"), "w", encoding="utf-8") as file:
            json.dump({"facts": facts, "statements": self.statements}, file, default=str)

    def _by_column(self, number, by_key, fact):
        """The values of each column, where a function was called for several columns, or in the turns of a loop elsewhere."""
        found, series = self.columns.of(number, 2 if list(by_key) == [None] else 1)
        site = self._site_below(number, series) if found is not None else []
        if not site:
            return by_key
        fact.update(series=site, conflict=False)
        return found

"""What Python itself says of texts: reads a list of modules, writes an answer for each.

`form` is a module with every name replaced by the place where it is bound, and every text left out: modules of
one form compute the same, whatever their names. `texts` are the texts, `words` all names in it, `twice` what is
bound twice at its top, `free` what is bound nowhere, and `changed` names that mean something else in a class.
"""

import ast
import builtins
import json
import keyword
import sys

# What every module has, beside what Python has everywhere.
OF_MODULES = ("__file__", "__name__", "__doc__")
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def bound(nodes):
    """The names that statements bind in their own scope, as often as they do."""
    names, left = [], list(nodes)
    while left:
        node = left.pop()
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.append(node.name)
            continue
        if isinstance(node, (ast.Lambda, *COMPREHENSIONS)):
            continue
        if isinstance(node, ast.alias):
            names.append(node.asname or node.name.split(".")[0])
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node.id)
        left.extend(ast.iter_child_nodes(node))
    return names


class Reader:
    def __init__(self, tree):
        self.free, self.words = set(), set()
        top = bound(tree.body)
        self.twice = sorted({name for name in top if top.count(name) > 1})
        self.scopes = [{name: None for name in top}]
        self.form = [self.of(node) for node in tree.body]

    def place(self, name):
        self.words.add(name)
        for depth in reversed(range(len(self.scopes))):
            scope = self.scopes[depth]
            if name in scope:
                if scope[name] is None:
                    scope[name] = sum(at is not None for at in scope.values())
                return [depth, scope[name]]
        self.free.add(name)
        return name

    def within(self, names, nodes):
        self.scopes.append({name: None for name in names})
        forms = [self.of(node) for node in nodes]
        self.scopes.pop()
        return forms

    def of(self, node):
        if isinstance(node, list):
            return [self.of(each) for each in node]
        if not isinstance(node, ast.AST):
            return repr(node)
        kind = type(node).__name__
        if isinstance(node, ast.Constant):
            return "text" if isinstance(node.value, str) else repr(node.value)
        if isinstance(node, ast.Name):
            return [kind, self.place(node.id)]
        if isinstance(node, ast.alias):
            return [kind, node.name, self.place(node.asname or node.name.split(".")[0])]
        if isinstance(node, ast.FunctionDef):
            name = "method" if self.is_class else self.place(node.name)
            outside = self.of(node.decorator_list + node.args.defaults)
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            annotations = [self.of(each.annotation) for each in arguments]
            names = [each.arg for each in arguments]
            assert len(set(names)) == len(names), names
            was, self.is_class = self.is_class, False
            self.scopes.append(dict.fromkeys(names + bound(node.body)))
            inside = [[self.place(each) for each in names], self.of(node.body)]
            self.scopes.pop()
            self.is_class = was
            return [kind, name, outside, annotations, self.of(node.returns), inside]
        if isinstance(node, ast.ClassDef):
            name = self.place(node.name)
            self.is_class = True
            body = self.of(node.body)
            self.is_class = False
            return [kind, name, self.of(node.bases), body]
        if isinstance(node, COMPREHENSIONS):
            names = bound(node.generators)
            return [kind, *self.within(names, ast.iter_child_nodes(node))]
        return [kind, *(self.of(value) for _, value in ast.iter_fields(node))]

    is_class = False


def answer(text):
    tree = ast.parse(text)
    reader = Reader(tree)
    nodes = list(ast.walk(tree))
    names = reader.words | {node.arg for node in nodes if isinstance(node, ast.arg)}
    return {
        "form": json.dumps(reader.form),
        "texts": [
            node.value
            for node in nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ],
        "words": sorted(names),
        "twice": reader.twice,
        "free": sorted(reader.free - {*dir(builtins), *OF_MODULES}),
        "changed": sorted(
            name for name in names if name.startswith("__") and not name.endswith("__")
        ),
    }


asked = json.load(sys.stdin)
known = [*keyword.kwlist, *dir(builtins)]
json.dump({"known": known, "answers": [answer(text) for text in asked]}, sys.stdout)

//! Random expressions, from a seed: well-typed ones for the comparison with Terraform, and any others for what must not crash.

/// A small generator of pseudo-random numbers (SplitMix64): the same seed gives the same expressions everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ty {
    Num,
    Str,
    Bool,
    /// Lists of one element type, and maps to it.
    List(Elem),
    Map(Elem),
    Set(Elem),
    Object,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Elem {
    Num,
    Str,
}

impl Elem {
    fn ty(self) -> Ty {
        if self == Elem::Num { Ty::Num } else { Ty::Str }
    }
}

const TYPES: [Ty; 10] = [
    Ty::Num,
    Ty::Str,
    Ty::Bool,
    Ty::List(Elem::Num),
    Ty::List(Elem::Str),
    Ty::Map(Elem::Num),
    Ty::Map(Elem::Str),
    Ty::Set(Elem::Num),
    Ty::Set(Elem::Str),
    Ty::Object,
];

pub fn any_type(r: &mut Random) -> Ty {
    TYPES[r.below(TYPES.len())]
}

/// Something of a type, or of another when `loose`.
pub fn expr(r: &mut Random, ty: Ty, depth: usize, loose: bool) -> String {
    let ty = if loose && r.below(4) == 0 { any_type(r) } else { ty };
    if depth == 0 || r.below(6) == 0 {
        return leaf(r, ty);
    }
    let d = depth - 1;
    if r.below(8) == 0 {
        return format!("({} ? {} : {})", expr(r, Ty::Bool, d, loose), expr(r, ty, d, loose), expr(r, ty, d, loose));
    }
    match ty {
        Ty::Num => number(r, d, loose),
        Ty::Str => string(r, d, loose),
        Ty::Bool => boolean(r, d, loose),
        Ty::List(e) => list(r, e, d, loose),
        Ty::Set(e) => match r.below(3) {
            0 => format!("setunion({}, {})", expr(r, ty, d, loose), expr(r, Ty::List(e), d, loose)),
            1 => format!("setsubtract({}, {})", expr(r, ty, d, loose), expr(r, ty, d, loose)),
            _ => format!("toset({})", expr(r, Ty::List(e), d, loose)),
        },
        Ty::Map(e) => match r.below(4) {
            0 => format!("tomap({{ a = {}, \"b c\" = {} }})", expr(r, e.ty(), d, loose), expr(r, e.ty(), d, loose)),
            1 => format!("merge({}, {})", expr(r, ty, d, loose), expr(r, ty, d, loose)),
            2 => format!("{{ for i, x in {} : \"k${{i}}\" => x }}", expr(r, Ty::List(e), d, loose)),
            _ => format!("{{ for k, v in {} : upper(k) => v if v != {} }}", expr(r, ty, d, loose), leaf(r, e.ty())),
        },
        Ty::Object => match r.below(3) {
            0 => format!("{{ n = {}, s = {}, l = {} }}", expr(r, Ty::Num, d, loose), expr(r, Ty::Str, d, loose), expr(r, Ty::List(Elem::Str), d, loose)),
            1 => format!("merge({}, {{ s = {} }})", expr(r, ty, d, loose), expr(r, Ty::Str, d, loose)),
            _ => format!("try({}, {})", expr(r, ty, d, loose), expr(r, ty, d, loose)),
        },
    }
}

fn leaf(r: &mut Random, ty: Ty) -> String {
    match ty {
        Ty::Num => r.pick(&["0", "1", "-2", "3.5", "0.1", "7", "100", "1e3", "-0.25", "local.un", "12345678901234567890"]).into(),
        Ty::Str => {
            r.pick(&["\"\"", "\"a\"", "\"hello world\"", "\"é\"", "\"1\"", "\"a,b\"", "\"x\\ny\"", "\"true\"", "local.us", "\"A-b_C\"", "\"  pad \""]).into()
        }
        Ty::Bool => r.pick(&["true", "false", "local.ub"]).into(),
        Ty::List(Elem::Num) => r.pick(&["[1, 2, 3]", "[0.5]", "range(4)", "[7, 7, -1]"]).into(),
        Ty::List(Elem::Str) => r.pick(&["[\"a\", \"b\"]", "[\"z\", \"\", \"a\"]", "local.ul", "tolist([])", "split(\",\", \"p,q,r\")"]).into(),
        Ty::Set(Elem::Num) => r.pick(&["toset([3, 1, 2])", "toset([1])"]).into(),
        Ty::Set(Elem::Str) => r.pick(&["toset([\"b\", \"a\"])", "toset([])", "local.uset"]).into(),
        Ty::Map(Elem::Num) => r.pick(&["{ a = 1, b = 2 }", "tomap({ x = 5 })"]).into(),
        Ty::Map(Elem::Str) => r.pick(&["{ k = \"v\" }", "tomap({ x = \"y\" })", "local.um"]).into(),
        Ty::Object => r.pick(&["{ n = 1, s = \"s\", l = [\"x\"] }", "{ n = local.un, s = \"t\", l = [] }"]).into(),
    }
}

fn number(r: &mut Random, d: usize, loose: bool) -> String {
    let n = |r: &mut Random| expr(r, Ty::Num, d, loose);
    match r.below(14) {
        0 => format!("({} + {})", n(r), n(r)),
        1 => format!("({} - {})", n(r), n(r)),
        2 => format!("({} * {})", n(r), n(r)),
        3 => format!("({} / {})", n(r), n(r)),
        4 => format!("({} % {})", n(r), n(r)),
        5 => format!("-{}", n(r)),
        6 => format!("max({}, {})", n(r), n(r)),
        7 => format!("floor({})", n(r)),
        8 => format!("length({})", {
            let ty = any_type(r);
            expr(r, if matches!(ty, Ty::Num | Ty::Bool) { Ty::Str } else { ty }, d, loose)
        }),
        9 => format!("sum(concat([{}], {}))", n(r), expr(r, Ty::List(Elem::Num), d, loose)),
        10 => format!("{}.n", expr(r, Ty::Object, d, loose)),
        11 => format!("try({}[{}], {})", expr(r, Ty::List(Elem::Num), d, loose), n(r), n(r)),
        12 => format!("lookup({}, {}, {})", expr(r, Ty::Map(Elem::Num), d, loose), expr(r, Ty::Str, d, loose), n(r)),
        _ => format!("abs({})", n(r)),
    }
}

fn string(r: &mut Random, d: usize, loose: bool) -> String {
    let s = |r: &mut Random| expr(r, Ty::Str, d, loose);
    match r.below(16) {
        0 => format!("\"<${{{}}}|${{{}}}>\"", s(r), expr(r, Ty::Num, d, loose)),
        1 => format!("upper({})", s(r)),
        2 => format!("join({}, {})", s(r), expr(r, Ty::List(Elem::Str), d, loose)),
        3 => format!("replace({}, {}, {})", s(r), s(r), s(r)),
        4 => format!("substr({}, {}, {})", s(r), r.below(4), r.below(6)),
        5 => format!("format(\"%s-%v\", {}, {})", s(r), expr(r, Ty::Num, d, loose)),
        6 => format!("jsonencode({})", {
            let ty = any_type(r);
            expr(r, ty, d, loose)
        }),
        7 => format!("tostring({})", {
            let ty = *r.pick(&[&Ty::Num, &Ty::Bool, &Ty::Str]);
            expr(r, ty, d, loose)
        }),
        8 => format!("{}.s", expr(r, Ty::Object, d, loose)),
        9 => format!("\"%{{ if {} }}${{{}}}%{{ else }}no%{{ endif }}\"", expr(r, Ty::Bool, d, loose), s(r)),
        10 => format!("\"%{{ for x in {} ~}} ${{x}}, %{{ endfor }}\"", expr(r, Ty::List(Elem::Num), d, loose)),
        11 => format!("trimspace({})", s(r)),
        12 => format!("sha1({})", s(r)),
        13 => format!("coalesce({}, \"fallback\")", s(r)),
        14 => format!("yamlencode({})", {
            let ty = any_type(r);
            expr(r, ty, d, loose)
        }),
        _ => format!("title(lower({}))", s(r)),
    }
}

fn boolean(r: &mut Random, d: usize, loose: bool) -> String {
    let b = |r: &mut Random| expr(r, Ty::Bool, d, loose);
    match r.below(9) {
        0 => format!("({} && {})", b(r), b(r)),
        1 => format!("({} || {})", b(r), b(r)),
        2 => format!("!{}", b(r)),
        3 => format!("({} < {})", expr(r, Ty::Num, d, loose), expr(r, Ty::Num, d, loose)),
        4 => {
            let ty = any_type(r);
            format!("({} == {})", expr(r, ty, d, loose), expr(r, ty, d, loose))
        }
        5 => format!("contains({}, {})", expr(r, Ty::List(Elem::Str), d, loose), expr(r, Ty::Str, d, loose)),
        6 => format!("can({}.zz)", expr(r, Ty::Object, d, loose)),
        7 => format!("startswith({}, {})", expr(r, Ty::Str, d, loose), expr(r, Ty::Str, d, loose)),
        _ => format!("alltrue([for x in {} : x > {}])", expr(r, Ty::List(Elem::Num), d, loose), expr(r, Ty::Num, d, loose)),
    }
}

fn list(r: &mut Random, e: Elem, d: usize, loose: bool) -> String {
    let ty = Ty::List(e);
    match r.below(12) {
        0 => format!("[{}, {}]", expr(r, e.ty(), d, loose), expr(r, e.ty(), d, loose)),
        1 => format!("[for x in {} : x]", expr(r, ty, d, loose)),
        2 => format!("[for i, x in {} : x if i < {}]", expr(r, ty, d, loose), r.below(3)),
        3 => format!("concat({}, {})", expr(r, ty, d, loose), expr(r, ty, d, loose)),
        4 => format!("reverse({})", expr(r, ty, d, loose)),
        5 => format!("distinct({})", expr(r, ty, d, loose)),
        6 => format!("values({})", expr(r, Ty::Map(e), d, loose)),
        7 => format!("tolist({})", expr(r, Ty::Set(e), d, loose)),
        8 => format!("slice({}, 0, {})", expr(r, ty, d, loose), r.below(2)),
        9 => format!("flatten([{}, [{}]])", expr(r, ty, d, loose), expr(r, ty, d, loose)),
        10 => format!("{}[*]", expr(r, ty, d, loose)),
        _ if e == Elem::Str => match r.below(3) {
            0 => format!("keys({})", expr(r, Ty::Map(Elem::Num), d, loose)),
            1 => format!("sort({})", expr(r, ty, d, loose)),
            _ => format!("[{}, {}][*].s", expr(r, Ty::Object, d, loose), expr(r, Ty::Object, d, loose)),
        },
        _ => format!("tolist({})", expr(r, ty, d, loose)),
    }
}

/// The expressions whose answers are recorded.
pub fn corpus() -> Vec<String> {
    let mut r = Random(20_260_304);
    let mut all: Vec<String> = Vec::new();
    while all.len() < 450 {
        let ty = any_type(&mut r);
        let depth = 1 + r.below(4);
        let one = expr(&mut r, ty, depth, false);
        // Longer lines are more than a terminal takes.
        if one.len() < 600 && !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

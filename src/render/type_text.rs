//! Types as the console's `type` function prints them.

use crate::base::Type;

/// The type over as many lines as it has parts.
pub fn type_text(ty: &Type) -> String {
    let mut out = String::new();
    write(ty, 0, &mut out);
    out
}

fn write(ty: &Type, depth: usize, out: &mut String) {
    match ty {
        Type::Any => out.push_str("dynamic"),
        Type::String => out.push_str("string"),
        Type::Number => out.push_str("number"),
        Type::Bool => out.push_str("bool"),
        Type::List(of) => collection("list", of, depth, out),
        Type::Set(of) => collection("set", of, depth, out),
        Type::Map(of) => collection("map", of, depth, out),
        Type::Tuple(items) if items.is_empty() => out.push_str("tuple([])"),
        Type::Tuple(items) => {
            out.push_str("tuple([\n");
            for item in items {
                part("", item, depth, out);
            }
            out.push_str(&format!("{}])", indent(depth)));
        }
        Type::Object(object) if object.attrs.is_empty() => out.push_str("object({})"),
        Type::Object(object) => {
            out.push_str("object({\n");
            for (name, of) in &object.attrs {
                part(&format!("{name}: "), of, depth, out);
            }
            out.push_str(&format!("{}}})", indent(depth)));
        }
    }
}

fn collection(name: &str, of: &Type, depth: usize, out: &mut String) {
    if matches!(of, Type::Any | Type::String | Type::Number | Type::Bool) {
        out.push_str(&format!("{name}("));
        write(of, depth, out);
        out.push(')');
        return;
    }
    out.push_str(&format!("{name}(\n"));
    part("", of, depth, out);
    out.push_str(&format!("{})", indent(depth)));
}

fn part(name: &str, of: &Type, depth: usize, out: &mut String) {
    out.push_str(&indent(depth + 1));
    out.push_str(name);
    write(of, depth + 1, out);
    out.push_str(",\n");
}

fn indent(depth: usize) -> String {
    "    ".repeat(depth)
}

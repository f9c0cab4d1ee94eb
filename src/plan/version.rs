//! Version constraints (`~> 5.0, >= 4.2`): whether a version satisfies them.

/// A version's numbers; a pre-release suffix is left out.
pub fn parse(text: &str) -> Option<[u64; 3]> {
    let core = text.trim().trim_start_matches('v').split(['-', '+']).next()?;
    let mut out = [0; 3];
    let parts: Vec<&str> = core.split('.').collect();
    if parts.len() > 3 {
        return None;
    }
    for (slot, part) in out.iter_mut().zip(&parts) {
        *slot = part.parse().ok()?;
    }
    Some(out)
}

/// Whether `version` satisfies a comma-separated constraint; `None` when the constraint cannot be read.
pub fn satisfies(version: [u64; 3], constraint: &str) -> Option<bool> {
    constraint.split(',').try_fold(true, |ok, part| Some(ok && one(version, part.trim())?))
}

fn one(version: [u64; 3], part: &str) -> Option<bool> {
    let split = part.find(|c: char| c.is_ascii_digit() || c == 'v')?;
    let (operator, text) = part.split_at(split);
    let bound = parse(text)?;
    Some(match operator.trim() {
        "" | "=" => version == bound,
        "!=" => version != bound,
        ">" => version > bound,
        ">=" => version >= bound,
        "<" => version < bound,
        "<=" => version <= bound,
        // The last given part may grow.
        "~>" => match text.trim().split('.').count() {
            1 => version[0] >= bound[0],
            2 => version[0] == bound[0] && version >= bound,
            _ => version[..2] == bound[..2] && version >= bound,
        },
        _ => return None,
    })
}

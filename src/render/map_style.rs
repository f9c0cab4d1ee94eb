//! How maps look: the style sheet of the drawing, and which style a use has.

use super::ip_standing::Standing;

/// Colours that stay apart for the colour-blind, on a ground of their own so that the drawing reads on a light page and on a
/// dark one; a viewer that prefers dark gets dark. Shape says the same as colour: dashes for what is planned, dots for
/// what is not known, stripes for what is reserved, signs for verdicts.
pub const STYLE: &str = "<style>
text{font-family:Inter,'Segoe UI','Helvetica Neue',Helvetica,Arial,'DejaVu Sans',sans-serif;font-size:12px;fill:#1f2933}
.mono{font-family:ui-monospace,'SF Mono','Cascadia Mono',Consolas,'DejaVu Sans Mono',monospace;font-size:11px}
.ground{fill:#f4f6f9}.card{fill:#ffffff;stroke:#d3dae3}
.h1{font-size:24px;font-weight:600}.h2{font-size:16px;font-weight:600}.h3{font-size:12px;font-weight:600}
.quiet{fill:#5f6c7b}.tiny{font-size:10px}.head{font-size:10px;fill:#5f6c7b;letter-spacing:.4px}
.rule{stroke:#e3e8ee}.wire{stroke:#64748b;stroke-width:1.5}.knot{fill:#64748b}.knot-open{fill:#ffffff;stroke:#64748b;stroke-width:1.5}
.free{fill:#fbfcfd;stroke:#d3dae3;stroke-dasharray:2 3}
.reserved{fill:url(#stripes);stroke:#8d6ba8}
.empty{fill:#e6edf5;stroke:#54708c}.fits{fill:#cdeadf;stroke:#00775a}.warned{fill:#fdf0bf;stroke:#a37a00}
.unknown{fill:#ececf0;stroke:#6b6b78;stroke-dasharray:1.5 2.5}
.peak{fill:#fde0b6;stroke:#b35c00}.autoscaled{fill:#f9cdb4;stroke:#b23b00}.bad{fill:#f6c3cf;stroke:#a30d3f;stroke-width:2}
.net{fill:#d6e6f7;stroke:#1f65a8}.pods{fill:#cdeadf;stroke:#00775a}.services{fill:#e4dcf3;stroke:#6b4ca0}.onprem{fill:#e4e0d6;stroke:#7a6a45}
.planned{stroke-dasharray:5 3}
.track{fill:#000000;fill-opacity:.1}.now{fill:#1f3a52}.later{fill:#1f3a52;fill-opacity:.42}.over{fill:#a30d3f}
.t-fits{fill:#006b50}.t-warned{fill:#806000}.t-peak{fill:#994e00}.t-autoscaled{fill:#a33600}.t-bad{fill:#a30d3f;font-weight:600}
@media (prefers-color-scheme:dark){
text{fill:#e4e9ef}.quiet,.head{fill:#9aa8b8}.ground{fill:#12171d}.card{fill:#1a2129;stroke:#36424f}
.rule{stroke:#2b3641}.wire{stroke:#8ea0b5}.knot{fill:#8ea0b5}.knot-open{fill:#1a2129;stroke:#8ea0b5}
.free{fill:#171d24;stroke:#3a4653}.empty{fill:#24313f}.fits{fill:#12392f}.warned{fill:#3d3410}.unknown{fill:#2a2d33}
.peak{fill:#452c0b}.autoscaled{fill:#4a2312}.bad{fill:#4b1526}.net{fill:#16314d}.pods{fill:#12392f}.services{fill:#2d2344}.onprem{fill:#332e22}
.track{fill:#ffffff;fill-opacity:.16}.now{fill:#dbe7f3}.later{fill:#dbe7f3;fill-opacity:.45}.over{fill:#ff7b9c}
.t-fits{fill:#4fd0ab}.t-warned{fill:#e6c34d}.t-peak{fill:#f5a34a}.t-autoscaled{fill:#ff8a5c}.t-bad{fill:#ff7b9c}
}
</style>
<defs><pattern id=\"stripes\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"7\" height=\"7\" fill=\"#b79acb\" \
fill-opacity=\".18\"/><rect width=\"2\" height=\"7\" fill=\"#8d6ba8\" fill-opacity=\".3\"/></pattern></defs>
";

/// The style of a box.
pub fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::Empty => "empty",
        Standing::Fits => "fits",
        Standing::Warned(_) => "warned",
        Standing::Unknown => "unknown",
        Standing::FailsPeak => "peak",
        Standing::FailsAutoscaled => "autoscaled",
        Standing::FailsNow | Standing::Wrong(_) => "bad",
    }
}

/// The style of the words that say it.
pub fn text_class(standing: Standing) -> &'static str {
    match standing {
        Standing::Empty | Standing::Unknown => "quiet",
        Standing::Fits => "t-fits",
        Standing::Warned(_) => "t-warned",
        Standing::FailsPeak => "t-peak",
        Standing::FailsAutoscaled => "t-autoscaled",
        Standing::FailsNow | Standing::Wrong(_) => "t-bad",
    }
}

//! A long picture in rows: the scene is broken where few edges go, each row is laid
//! out by itself, and edges turn from the end of one row to the start of another.

mod broken;
mod columns;
mod stacked;

use super::{
    place::{Layout, TooTangled},
    scene::Scene,
};
use broken::Broken;
use columns::Columns;
use stacked::stacked;

pub use columns::Gathered;
pub use stacked::Lanes;

/// The scene in so many rows; nothing where it has not so many columns.
///
/// # Errors
/// A row is too tangled.
pub fn in_rows(
    scene: &Scene,
    straight: &Layout,
    rows: usize,
    gathered: Gathered,
    lanes: &Lanes,
    lay: &dyn Fn(&Scene) -> Result<Layout, TooTangled>,
) -> Result<Option<(Scene, Layout)>, TooTangled> {
    let columns = Columns::of(scene, straight);
    let Some(starts) = columns.starts(rows) else { return Ok(None) };
    let broken = Broken::of(scene, &columns.rows(scene, &starts, gathered));
    let laid = (0..rows).map(|row| lay(&broken.row(row).0)).collect::<Result<Vec<_>, _>>()?;
    let layout = stacked(&broken, &laid, lanes);
    Ok(Some((broken.scene, layout)))
}

//! Ops with windows: what does not fit, images that are long or empty, and slopes.

use super::{
    find,
    trial::{Trial, floats, noise},
};
use crate::{
    op::{
        Argument,
        AttributeValue::{self, Int, Ints},
        Call,
    },
    shape::Shape,
    tensor::{Tensor, Type},
};

type Attributes<'a> = &'a [(&'static str, AttributeValue)];

fn trial(op: &str, tensors: &[Tensor], attributes: Attributes) -> Trial {
    Trial::new(op, tensors, attributes, true).unwrap()
}

fn refusal(op: &str, tensors: &[Tensor], attributes: Attributes) -> String {
    Trial::new(op, tensors, attributes, true).err().unwrap().message
}

fn ints(given: &[i64]) -> AttributeValue {
    Ints(given.to_vec())
}

#[test]
fn slopes_are_what_backward_says() {
    let far = [("stride", ints(&[2, 1])), ("padding", ints(&[1, 2])), ("dilation", ints(&[1, 2]))];
    trial(
        "conv",
        &[noise(&[2, 4, 5, 4], 1), noise(&[2, 2, 3, 2], 2)],
        &[&far[..], &[("groups", Int(2))]].concat(),
    )
    .slopes_agree();
    let more = [&far[..], &[("groups", Int(2)), ("output_padding", ints(&[1, 1]))]].concat();
    trial("conv_transpose", &[noise(&[1, 4, 3, 4], 1), noise(&[4, 1, 3, 2], 2)], &more).slopes_agree();
    let kernel = [&far[..], &[("kernel", ints(&[2]))]].concat();
    trial("unfold", &[noise(&[2, 2, 4, 3], 1)], &kernel).slopes_agree();
    let kernel = [("kernel", ints(&[2])), ("padding", ints(&[1])), ("stride", ints(&[1]))];
    trial("max_pool", &[noise(&[1, 2, 3, 4], 1)], &kernel).slopes_agree();
    trial("avg_pool", &[noise(&[1, 2, 3, 4], 1)], &kernel).slopes_agree();
}

/// Few output channels go without columns of windows, and many with them.
#[test]
fn few_output_channels_give_what_many_give() {
    let ones = || [("stride", ints(&[1])), ("padding", ints(&[0])), ("dilation", ints(&[1]))];
    let far = [("stride", ints(&[2, 1, 1])), ("padding", ints(&[1, 2, 0])), ("dilation", ints(&[1, 2, 1]))];
    let wide = [("stride", ints(&[1, 1, 2])), ("padding", ints(&[0, 0, 3])), ("dilation", ints(&[2, 1, 1]))];
    let (channels, outputs) = (2, 5);
    let (x, w) = (noise(&[2, channels, 4, 6, 70], 1), noise(&[outputs, channels, 2, 2, 3], 2));
    for attributes in [ones(), far, wide] {
        let many = trial("conv", &[x.clone(), w.clone()], &attributes);
        let (all, of_one) = (many.forward(), channels * 12);
        let windows = all.len() / 2 / outputs;
        for output in 0..outputs {
            let part = floats(&[1, channels, 2, 2, 3], &w.to_floats()[output * of_one..][..of_one]);
            let few = trial("conv", &[x.clone(), part], &attributes);
            let near = |few: &[f64], many: &[f64]| {
                assert_eq!(few.len(), many.len());
                few.iter().zip(many).for_each(|(few, many)| assert!((few - many).abs() < 1e-12));
            };
            let own = |image: usize| (image * outputs + output) * windows;
            let both = [0, 1].map(|image| &all[own(image)..][..windows]).concat();
            near(&few.forward(), &both);
            // Upstream gradients of this channel alone.
            let upstream = noise(&[2 * windows], 3).to_floats();
            let mut upstreams = vec![0.0; all.len()];
            for image in [0, 1] {
                upstreams[own(image)..][..windows].copy_from_slice(&upstream[image * windows..][..windows]);
            }
            near(&few.backward(0, &upstream), &many.backward(0, &upstreams));
            near(&few.backward(1, &upstream), &many.backward(1, &upstreams)[output * of_one..][..of_one]);
        }
    }
}

/// Padding that nobody could lay out.
#[test]
fn far_windows_of_one_channel_take_no_memory() {
    let far = [("stride", ints(&[4_000_000_000])), ("padding", ints(&[4_000_000_000]))];
    let y = trial("conv", &[floats(&[1, 1, 1], &[3.0]), floats(&[1, 1, 2], &[5.0, 7.0])], &far);
    assert_eq!(y.forward(), [0.0, 15.0]);
    assert_eq!(y.backward(0, &[1.0, 10.0]), [50.0]);
}

/// In several parts, of which one ends within a row of windows.
#[test]
fn a_long_image_gives_what_its_parts_give() {
    let (x, w) = (noise(&[1, 3, 300, 70], 1), noise(&[2, 3, 5, 5], 2));
    let steps = [("stride", ints(&[1]))];
    let whole = trial("conv", &[x.clone(), w.clone()], &steps);
    let (y, Tensor::Float(x)) = (whole.forward(), x) else { unreachable!() };
    let from = 200;
    let part = x.slice(ndarray::s![.., .., from..from + 9, ..]).iter().copied().collect::<Vec<_>>();
    let part = trial("conv", &[floats(&[1, 3, 9, 70], &part), w], &steps).forward();
    let (rows, width) = (296, 66);
    for channel in 0..2 {
        let start = (channel * rows + from) * width;
        assert_eq!(y[start..][..5 * width], part[channel * 5 * width..][..5 * width]);
    }
}

/// Enough of them for several threads.
#[test]
fn many_images_give_what_each_gives() {
    let kernel = [("kernel", ints(&[3])), ("stride", ints(&[1])), ("padding", ints(&[1]))];
    let Tensor::Float(x) = noise(&[9, 2, 40, 30], 1) else { unreachable!() };
    let x: Vec<f64> = x.iter().copied().collect();
    let fold = [&kernel[..], &[("shape", ints(&[40, 30]))]].concat();
    let all = trial("unfold", &[floats(&[9, 2, 40, 30], &x)], &kernel);
    let columns = all.forward();
    let folded = trial("fold", &[floats(&[9, 18, 1200], &columns)], &fold);
    let (image, back, back_of_fold) = (folded.forward(), all.backward(0, &columns), folded.backward(0, &x));
    for (at, x) in x.chunks(2400).enumerate() {
        let part = |all: &[f64], length: usize| all[at * length..][..length].to_vec();
        let one = trial("unfold", &[floats(&[1, 2, 40, 30], x)], &kernel).forward();
        assert_eq!(part(&columns, 21600), one);
        assert_eq!(part(&back_of_fold, 21600), one);
        let one = trial("fold", &[floats(&[1, 18, 1200], &one)], &fold).forward();
        assert_eq!(part(&image, 2400), one);
        assert_eq!(part(&back, 2400), one);
    }
}

#[test]
fn windows_of_nothing_but_padding_see_zeros() {
    let kernel = [("kernel", ints(&[2])), ("stride", ints(&[1])), ("padding", ints(&[1]))];
    let unfold = trial("unfold", &[floats(&[2, 1, 0, 1], &[])], &kernel);
    assert_eq!(unfold.forward(), [0.0; 2 * 4 * 2]);
    assert!(unfold.backward(0, &[1.0; 16]).is_empty());
}

#[test]
fn windows_without_an_element_have_no_greatest() {
    let spread = [("kernel", ints(&[2])), ("padding", ints(&[1])), ("dilation", ints(&[3]))];
    let pool = trial("max_pool", &[floats(&[1, 1, 2], &[1.0, 2.0])], &spread);
    assert_eq!(pool.forward(), [f64::NEG_INFINITY]);
    assert_eq!(pool.backward(0, &[1.0]), [0.0, 0.0]);
}

#[test]
fn ties_are_branches_of_their_own() {
    let branches =
        |x: &[f64]| trial("max_pool", &[floats(&[1, 1, 2], x)], &[("kernel", ints(&[2]))]).branches();
    assert_eq!(branches(&[1.0, 2.0]), branches(&[-5.0, 3.0]));
    assert!(branches(&[2.0, 2.0]) != branches(&[2.0, 1.0]) && branches(&[1.0, 2.0]) != branches(&[2.0, 1.0]));
}

#[test]
fn what_does_not_fit_is_refused() {
    let (x, w) = (noise(&[1, 1, 3], 1), noise(&[1, 1, 2], 2));
    let both = [x.clone(), w.clone()];
    let at = |name: &'static str, given: i64| refusal("conv", &both, &[(name, ints(&[given]))]);
    assert_eq!(at("stride", -1), "stride is -1; it must be 1 or more");
    assert_eq!(at("padding", i64::MAX), format!("padding is {}; it must be {} or less", i64::MAX, u32::MAX));
    assert!(at("dilation", 9).contains("a window of 10 does not fit into axis 2 of x, which has 3"));
    assert!(refusal("conv", &both, &[("groups", Int(0))]).contains("there must be one or more"));
    assert!(refusal("conv", &[x.clone(), noise(&[1, 1], 1)], &[]).contains("as many axes as x"));
    assert!(refusal("conv", &[x.clone(), noise(&[1, 1, 0], 1)], &[]).contains("no elements"));
    let far = [("stride", ints(&[3])), ("padding", ints(&[u32::MAX as i64]))];
    assert!(refusal("conv_transpose", &both, &far).contains("leaves nothing of axis 2"));
    assert!(refusal("conv_transpose", &[noise(&[1, 1, 0], 1), w], &[]).contains("leaves nothing"));
    assert!(refusal("max_pool", &[noise(&[2], 1)], &[("kernel", ints(&[1]))]).contains("one to three axes"));
    assert!(refusal("max_pool", &[x], &[("kernel", ints(&[0]))]).contains("kernel is 0"));
}

#[test]
fn absurd_lengths_beside_an_empty_axis_do_no_harm() {
    let far = usize::MAX / 3;
    for (op, shapes, attributes) in [
        ("conv", vec![[far, 0, 5], [0, 0, 2]], vec![]),
        ("conv", vec![[0, 2, far], [3, 2, 2]], vec![("dilation", ints(&[u32::MAX as i64]))]),
        ("conv_transpose", vec![[far, 0, 5], [0, 0, 2]], vec![]),
        ("max_pool", vec![[0, far, far]], vec![("kernel", ints(&[2]))]),
        ("avg_pool", vec![[far, 0, far]], vec![("kernel", ints(&[2]))]),
    ] {
        let argument = |shape: &[usize; 3]| Argument { ty: Type::float(Shape::new(shape)), range: None };
        let inputs: Vec<Argument> = shapes.iter().map(argument).collect();
        let bound = find(op).unwrap().bind(&Call { inputs: &inputs, attributes: &attributes }).unwrap();
        assert_eq!(bound.output.shape.checked_size(), Some(0), "{op}");
        let nothing = crate::op::Slot::Float { start: 0, len: 0 };
        let slots = vec![nothing; shapes.len()];
        let x = crate::op::Inputs { slots: &slots, floats: &[0.0f64; 0], ints: &[] };
        if shapes.iter().all(|shape| shape.contains(&0)) {
            bound.op.call(&x, crate::op::Output::Float(&mut []));
        }
    }
}

"""What means over draws found where information has no closed form: nats, and standard errors.

Each is the mean log density ratio of 10,000,000 draws of the distribution of that name (of the
clusters 2,000,000), by `monte_carlo_information` with the seed 0, on 2026-11-26;
tests/distributions/test_measured_truths.py draws anew with other seeds.
"""

__all__ = ["MEASURED_TRUTHS"]

MEASURED_TRUTHS: dict[str, tuple[float, float]] = {
    "1v1-X-0.9": (0.40845, 0.00024),
    "1v1-AI": (0.77622, 0.00028),
    "2v1-rows-12": (1.30705, 0.00012),
    "2v1-balls-3.0": (0.49444, 0.00016),
    "3v1-concentric_gaussians-5": (0.45538, 0.00021),
    "5v1-concentric_gaussians-5": (0.62685, 0.00022),
    "3v1-concentric_gaussians-10": (0.55982, 0.00024),
    "5v1-concentric_gaussians-10": (0.75082, 0.00025),
    "25v1-concentric_gaussians-5": (1.19088, 0.00020),
    "mult-sparse-w-inliers-5-5-2-2.0-0.2": (0.63526, 0.00037),
    "mult-sparse-w-inliers-25-25-2-2.0-0.2": (0.63582, 0.00037),
    "mult-sparse-w-inliers-5-5-2-2.0-0.5": (0.26926, 0.00027),
    "mult-sparse-w-inliers-25-25-2-2.0-0.5": (0.26968, 0.00027),
    "clusters-30-30-10-0.8": (1.43679, 0.00101),
    "inliers-2-2-0.95-0.3": (1.20551, 0.00055),
}
"""Information and its standard error, in nats, by the name of the mixture."""

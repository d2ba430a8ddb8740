"""What a flow is."""

from torch import Tensor

from infomax.encoders.encoder import Encoder

__all__ = ["Flow"]


class Flow(Encoder):
    """An encoder that is a bijection, with an inverse and a Jacobian determinant that are cheap.

    A code has as many values as the view, and the mutual information between codes is that between
    views, whatever the weights.
    """

    def inverse(self, code: Tensor) -> Tensor:
        """Return the views of codes: ``(..., d)`` -> ``(..., d)``."""
        raise NotImplementedError

    def log_determinant(self, view: Tensor) -> Tensor:
        r"""Return :math:`\log |\det \partial g / \partial x|` at each view, in nats.

        ``(..., d)`` -> ``(...)``.
        """
        raise NotImplementedError

"""An encoder against a linear classifier of its codes."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from infomax.encoders import Encoder
from infomax.training.batches import Batches, State
from infomax.training.stacked_models import StackedModels
from infomax.training.training import Update, load_parameters, prefixed, stripped
from infomax.training.update_rules import Adam

__all__ = ["AdversarialTraining", "BlindedClassifier"]


class BlindedClassifier(nn.Module):
    """An encoder and the linear classifier of its codes that it is trained against.

    Args:
        encoder: of the views.
        classifier: from codes to one logit for each class.
    """

    def __init__(self, encoder: Encoder, classifier: nn.Linear) -> None:
        super().__init__()
        self.encoder = encoder
        self.classifier = classifier


class AdversarialTraining:
    r"""Encoders of S seeds, each trained to blind a classifier that is trained against it.

    The classifier makes the cross-entropy to the labels smaller; the encoder that of the same
    classifier to the uniform distribution over the C classes,

    .. math:: -\frac{1}{N} \sum_i \frac{1}{C} \sum_c \log \mathrm{softmax}(W^\top g(x_i) + b)_c

    Before each update of the encoder, the classifier is updated several times.

    Source: Tschannen et al. (2020), section 3.1, figure 1c, and companion notebook.

    Args:
        models: encoders and classifiers, one pair for each seed.
        batches: views ``(S, N, d)`` and labels ``(S, N)``.
        encoder_learning_rate: of the encoder's Adam.
        classifier_learning_rate: of the classifier's Adam.
        classifier_steps: updates of the classifier before each of the encoder.

    Attributes:
        modules: the models; they hold the weights of the latest update.
    """

    def __init__(
        self,
        models: Sequence[BlindedClassifier],
        batches: Batches,
        *,
        encoder_learning_rate: float,
        classifier_learning_rate: float,
        classifier_steps: int,
    ) -> None:
        self.modules = tuple(models)
        self._encoders = StackedModels([model.encoder for model in models])
        self._classifiers = StackedModels([model.classifier for model in models])
        self._batches = batches
        self._classifier_steps = classifier_steps
        self._encoder_learning_rate = encoder_learning_rate
        self._classifier_learning_rate = classifier_learning_rate
        self._encoder_adam = Adam(self._encoders.trainable)
        self._classifier_adam = Adam(self._classifiers.trainable)

    def warm_up(self, steps: int) -> None:
        """Update the classifiers alone, before the encoders' first update."""
        at_once = self._classifier_steps
        for begun in range(0, steps, at_once):
            self._update_classifiers(min(at_once, steps - begun))

    def update(self) -> Update:
        """Update every classifier several times, then every encoder once.

        The value to watch is the classifier's cross-entropy on its latest batch.
        """
        watched = self._update_classifiers(self._classifier_steps)
        views, _ = self._batches.draw()
        log_probabilities = self._classifiers(self._encoders(views)).log_softmax(dim=-1)
        losses = -log_probabilities.mean(dim=(-2, -1))
        self._encoder_adam.clear()
        # The classifiers stand still here: only the encoders' gradients are wanted.
        losses.sum().backward(inputs=self._encoders.trainable)
        self._encoder_adam.step(self._encoder_learning_rate)
        # A classifier whose loss is not finite fails its run, whatever the encoder's loss is.
        return Update(losses.detach() + 0 * watched, watched)

    def state(self) -> State:
        """Return weights, moments and position in the data."""
        parameters = [*self._encoders.parameters, *self._classifiers.parameters]
        return {
            **prefixed("parameters", {str(index): each for index, each in enumerate(parameters)}),
            **prefixed("encoder_optimizer", self._encoder_adam.state()),
            **prefixed("classifier_optimizer", self._classifier_adam.state()),
            **prefixed("batches", self._batches.state()),
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that ``state`` returned, to the same bits."""
        parameters = [*self._encoders.parameters, *self._classifiers.parameters]
        load_parameters(parameters, stripped("parameters", state))
        self._encoder_adam.restore(stripped("encoder_optimizer", state))
        self._classifier_adam.restore(stripped("classifier_optimizer", state))
        self._batches.restore(stripped("batches", state))

    def _update_classifiers(self, steps: int) -> Tensor:
        """Make updates of the classifiers and return their losses on the last batch, ``(S,)``."""
        drawn = [self._batches.draw() for _ in range(steps)]
        with torch.no_grad():
            # The encoders stand still here, so the batches of all steps are encoded at once.
            codes = self._encoders(torch.cat([views for views, _ in drawn], dim=1))
        losses = torch.zeros(len(self.modules))
        batches = zip(codes.tensor_split(steps, dim=1), drawn, strict=True)
        for of_batch, (_, labels) in batches:
            logits = self._classifiers(of_batch)
            log_likelihoods = logits.log_softmax(dim=-1).gather(-1, labels.unsqueeze(-1))
            losses = -log_likelihoods.mean(dim=(-2, -1))
            self._classifier_adam.clear()
            losses.sum().backward()
            self._classifier_adam.step(self._classifier_learning_rate)
        return losses.detach()

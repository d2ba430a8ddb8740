"""Encoders trained by a bound on mutual information, as a scikit-learn estimator."""

import copy
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from torch import nn

from infomax.bounds import Bound
from infomax.data import ArraySource, ItemDataset
from infomax.errors import UserError
from infomax.evaluation import encode, means_over_batches
from infomax.experiments.build import (
    GivenEncoder,
    ModelConfig,
    build_model,
    build_negatives,
    build_objective,
)
from infomax.experiments.config import DEFAULT_STEPS
from infomax.experiments.pair_datasets import ItemPairDataset, given_array
from infomax.experiments.train import train
from infomax.experiments.training_pairs import TrainingPairs
from infomax.losses import Loss, LossParts, find_loss
from infomax.training import (
    Negatives,
    OptimizerConfig,
    RandomState,
    checked_seed,
    choose_device,
    generator_for,
)
from infomax.views import ViewMaker, make_views

__all__ = ["InfoMax"]

_ENCODED_AT_ONCE = 1_000


class InfoMax(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    r"""Train encoders so that codes of two views share as much information as a bound can show.

    .. math:: \max_{g_1, g_2, f} I_{\text{bound}}\bigl(f(g_1(x_i), g_2(y_j))\bigr)

    Source: Tschannen et al. (2020), equation 2. That the bound is high says little of how good the
    codes are: probe them.

    Args:
        encoder: name of a shipped encoder, ``package.module:callable`` that makes one of
            ``(view_shape, generator)``, a module, or one for each view. Modules are copied.
        critic: name of a shipped critic, a path as above, or a module; ``None`` is bilinear, or the
            loss's own where there is a loss.
        bound: name of a bound, or one.
        loss: name of a loss of codes, or one, that is minimised in the place of the bound, which
            then only reads how far the training is; ``None`` trains on the bound.
        loss_options: options of a loss that is named, e.g. ``{"temperature": 0.2}``.
        loss_parts: sizes of what the loss needs, e.g. ``LossParts(queue_size=512)``; what it does
            not say is as the loss has it.
        views: how two views are made of one item: a name, a path, or a maker of views; ``None``
            where both are given.
        view_options: options of views that are named, e.g. ``{"cut": "left-right"}``.
        encoder_options: options of an encoder that is named, e.g. ``{"layer_sizes": [64, 32]}``.
        critic_options: options of a critic that is named.
        temperature: temperature of the cosine critic, in place of its option.
        shared_encoder: one encoder for both views.
        projection: output of a projection head between code and critic; none without.
        head_options: options of the head, e.g. ``{"hidden_sizes": [512, 512], "batch_norm":
            True}``.
        steps: updates.
        batch_size: pairs in a batch, on which the ceiling of InfoNCE depends.
        optimizer: name of the rule of updates: ``adam``, ``sgd`` or ``lars``.
        optimizer_options: options of the optimizer, e.g. ``{"momentum": 0.9}``.
        learning_rate: learning rate; the default is Adam's, and others want more.
        weight_decay: decay of matrices, as AdamW has it of Adam.
        validation: share of the pairs that is kept to evaluate the bound on; a tenth, and at least
            two batches, without.
        jacobian_images: images of which the encoder's Jacobian is taken at each evaluation; 0 takes
            none, ``None`` 8, or as many as cost a few seconds.
        negatives: name of how negatives are drawn in training, or a way of drawing them that needs
            no labels.
        negatives_options: options of negatives that are named, e.g. ``{"count": 256}``.
        patience: evaluations, twenty in all, without a new best after which to stop; all updates
            are made without. Either way the weights are those of the best evaluation.
        device: auto, cpu, cuda, ...
        random_state: seed of weights, order, split and views: a whole number, a ``RandomState`` of
            NumPy, or None for a fresh seed, which ``random_state_`` tells.

    Attributes:
        encoder_: encoder of view x, whose codes ``transform`` returns.
        y_encoder_: encoder of view y.
        critic_: trained with them.
        history_: what was measured: step, split, metric, value; bounds in nats.
        weights_step_: update that the weights are of: that of the evaluation with the highest bound
            on the pairs kept for validation; the last update where none are kept.
        validation_bound_: bound of these weights on the pairs kept for validation, in nats; a
            little high, as the best of all evaluations. ``score`` other pairs.
        n_iter_: updates made.
        n_features_in_: values in one item.
        random_state_: whole number that, given as ``random_state``, gives the same again.

    Example:
        >>> from sklearn.datasets import load_digits
        >>> images = load_digits().images / 16
        >>> model = InfoMax(views="halves", steps=50, random_state=0).fit(images)
        >>> model.transform(images).shape
        (1797, 100)
    """

    def __init__(
        self,
        encoder: GivenEncoder = "mlp",
        critic: str | nn.Module | None = None,
        bound: str | Bound = "infonce",
        *,
        loss: str | Loss | None = None,
        loss_options: Mapping[str, Any] | None = None,
        loss_parts: LossParts | None = None,
        views: str | ViewMaker | None = None,
        view_options: Mapping[str, Any] | None = None,
        encoder_options: Mapping[str, Any] | None = None,
        critic_options: Mapping[str, Any] | None = None,
        temperature: float | None = None,
        shared_encoder: bool = False,
        projection: int | None = None,
        head_options: Mapping[str, Any] | None = None,
        steps: int = DEFAULT_STEPS,
        batch_size: int = 128,
        optimizer: str = "adam",
        optimizer_options: Mapping[str, Any] | None = None,
        learning_rate: float = 1e-3,
        weight_decay: float = 0.0,
        validation: float | None = None,
        jacobian_images: int | None = None,
        negatives: str | Negatives = "in-batch",
        negatives_options: Mapping[str, Any] | None = None,
        patience: int | None = None,
        device: str = "auto",
        random_state: RandomState = None,
    ) -> None:
        self.encoder = encoder
        self.critic = critic
        self.bound = bound
        self.loss = loss
        self.loss_options = loss_options
        self.loss_parts = loss_parts
        self.views = views
        self.view_options = view_options
        self.encoder_options = encoder_options
        self.critic_options = critic_options
        self.temperature = temperature
        self.shared_encoder = shared_encoder
        self.projection = projection
        self.head_options = head_options
        self.steps = steps
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.optimizer_options = optimizer_options
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.validation = validation
        self.jacobian_images = jacobian_images
        self.negatives = negatives
        self.negatives_options = negatives_options
        self.patience = patience
        self.device = device
        self.random_state = random_state

    def fit(
        self, X: ArrayLike, y: ArrayLike | None = None, *, groups: ArrayLike | None = None
    ) -> Self:
        """Train on pairs.

        Args:
            X: view x, ``(N, ...)``; items, where views are made of them.
            y: view y, ``(N, ...)``. Where views are made it is not used, so that in a ``Pipeline``
                it may be the labels of the last step; a loss that needs labels is trained on them.
            groups: one for each pair; pairs of a group are all trained on or all kept.

        Raises:
            UserError: if arrays and settings do not fit each other.
        """
        self.random_state_ = checked_seed(self.random_state)
        seed = checked_seed(check_random_state(self.random_state_))
        device = choose_device(self.device)
        pairs = self._pairs(X, y, device)
        loss = self._made_loss()
        critic, options = copy.deepcopy(self.critic), dict(self.critic_options or {})
        if critic is None:
            critic = "bilinear" if loss is None else loss.critic
            options = {**({} if loss is None else loss.critic_options), **options}
        if self.temperature is not None:
            options["temperature"] = self.temperature
        config = ModelConfig(
            encoder=copy.deepcopy(self.encoder),
            critic=critic,
            encoder_options=self.encoder_options or {},
            critic_options=options,
            shared_encoder=self.shared_encoder,
            projection=self.projection,
            head_options=self.head_options or {},
            parts=LossParts() if loss is None else loss.parts(self.loss_parts),
            steps=self.steps,
            seed=seed,
        )
        model = build_model(config, (pairs.x_shape, pairs.y_shape)).to(device)
        objective = build_objective(copy.deepcopy(self.bound), loss=loss)
        of_items = self.views is not None and loss is not None and "labels" in loss.needs
        split_pairs = TrainingPairs(
            pairs,
            self.validation,
            groups=groups,
            labels=y if of_items else None,
            batch_size=self.batch_size,
            seed=seed,
            device=device,
            jacobian_images=self.jacobian_images,
            negatives=build_negatives(self.negatives, self.negatives_options),
        )
        trained = train(
            split_pairs,
            model,
            objective,
            optimizer=OptimizerConfig(
                self.learning_rate,
                weight_decay=self.weight_decay,
                name=self.optimizer,
                options=self.optimizer_options or {},
            ),
            steps=self.steps,
            patience=self.patience,
            random_state=seed,
        )
        self._model = model
        self._bound = objective.bound
        self.encoder_, self.y_encoder_ = model.x_encoder, model.y_encoder
        self.critic_ = model.critic
        self.history_: pd.DataFrame = trained.history
        self.weights_step_ = trained.weights_step
        self.validation_bound_ = trained.validation_bound
        self.n_iter_ = trained.steps
        self._item_shape = np.shape(X)[1:]
        self._n_features_out = model.code_size
        self.n_features_in_ = int(np.prod(self._item_shape))
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return the codes of view x: ``(N, code_size)``.

        Raises:
            UserError: if items are of another shape than those of the training.
        """
        check_is_fitted(self)
        self._check_shape(X)
        device = choose_device(self.device)
        # Where both views were given, only x is needed for codes, and it stands for y as well.
        pairs = self._pairs(X, None if self.views is not None else X, device)
        views = pairs.clean_views(np.arange(len(pairs)), _ENCODED_AT_ONCE)
        codes: NDArray[np.float32] = torch.cat(
            [encode(self.encoder_, some) for some in views]
        ).numpy()
        return codes

    def score(self, X: ArrayLike, y: ArrayLike | None = None) -> float:
        """Return the bound on pairs, in nats: the mean over batches of the size of the training.

        On pairs that were not trained on it is held out. What is left over of the last batch is not
        used, since the bound depends on the size of the batch.

        Raises:
            UserError: if there are fewer pairs than two batches, or they are of another shape.
        """
        check_is_fitted(self)
        self._check_shape(X)
        pairs = self._pairs(X, y, choose_device(self.device))
        whole = len(pairs) // self.batch_size
        if whole < 2:
            raise UserError(
                f"{len(pairs)} pairs are fewer than two batches of {self.batch_size}: the bound is "
                "the mean over batches of the size of the training"
            )
        views = generator_for(0, "views of the score")
        indices = np.random.default_rng(0).permutation(len(pairs))[: whole * self.batch_size]
        batches = pairs.pairs(indices, self.batch_size, views)
        found = means_over_batches(self._model, batches, {"bound": self._bound.estimate})
        return found["bound"].mean

    def _made_loss(self) -> Loss | None:
        if not isinstance(self.loss, str):
            if self.loss_options or (self.loss is None and self.loss_parts is not None):
                raise UserError(
                    "loss_options are options of a loss that is named, and loss_parts are of a "
                    "loss: name one, or leave them out"
                )
            return copy.deepcopy(self.loss)
        return find_loss(self.loss, self.loss_options)

    def _pairs(self, X: ArrayLike, y: ArrayLike | None, device: torch.device) -> ItemPairDataset:
        views = self.views
        if isinstance(views, str):
            views = make_views(views, self.view_options or {})
        x_rows = ArraySource(given_array(X, "X"), "X")
        if views is not None:
            return ItemPairDataset(ItemDataset(x_rows), views, device)
        if y is None:
            raise UserError(
                "there is one view: give the other as y, or say how to make two views of X (views)"
            )
        return ItemPairDataset(
            ItemDataset(x_rows, ArraySource(given_array(y, "y"), "y")), None, device
        )

    def _check_shape(self, X: ArrayLike) -> None:
        if np.shape(X)[1:] != self._item_shape:
            raise UserError(
                f"X holds items of shape {np.shape(X)[1:]}, expected {self._item_shape} as in fit"
            )

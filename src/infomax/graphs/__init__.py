"""Encoders of graphs by what they maximise: objectives on nodes, training and probes."""

from infomax.graphs.baselines import GRAPH_BASELINES, propagated_features, raw_features
from infomax.graphs.fit import (
    GraphConfig,
    TrainedGraphEncoder,
    build_graph_model,
    train_graph_encoder,
    train_graph_encoders,
)
from infomax.graphs.gmi_code import GMICodeTerm
from infomax.graphs.graph_training import GraphModel, GraphTraining
from infomax.graphs.node_pairs import NodePairScores
from infomax.graphs.node_products import Neighbourhoods, Ring
from infomax.graphs.objectives import GRAPH_OBJECTIVES, GraphObjective, TermSpec, find_objective
from infomax.graphs.terms import (
    EdgeTerm,
    EncodedNodes,
    FeatureTerm,
    GraphTerm,
    SummaryTerm,
    TermSizes,
    TermValue,
)

__all__ = [
    "GRAPH_BASELINES",
    "GRAPH_OBJECTIVES",
    "EdgeTerm",
    "EncodedNodes",
    "FeatureTerm",
    "GMICodeTerm",
    "GraphConfig",
    "GraphModel",
    "GraphObjective",
    "GraphTerm",
    "GraphTraining",
    "Neighbourhoods",
    "NodePairScores",
    "Ring",
    "SummaryTerm",
    "TermSizes",
    "TermSpec",
    "TermValue",
    "TrainedGraphEncoder",
    "build_graph_model",
    "find_objective",
    "propagated_features",
    "raw_features",
    "train_graph_encoder",
    "train_graph_encoders",
]

"""The category of an operator, which the strip at a node's left edge shows in its colour."""

from __future__ import annotations

CATEGORIES: tuple[str, ...] = (
    "layer",
    "activation",
    "pool",
    "normalization",
    "shape",
    "tensor",
    "transform",
    "dropout",
    "quantization",
    "attention",
    "data",
    "control",
    "custom",
)

# Category -> op types, of the standard domains and of com.microsoft, which share their names.
OPERATORS: dict[str, str] = {
    "layer": """
        Conv ConvTranspose ConvInteger DeformConv CausalConvWithState Gemm MatMul MatMulInteger
        Einsum LSTM GRU RNN QLinearConv QLinearMatMul
        FusedConv FusedGemm FusedMatMul FusedMatMulActivation MatMulNBits MatMulBnb4 MatMulFpQ4
        MatMulInteger16 MatMulIntegerToFloat DynamicQuantizeMatMul DynamicQuantizeLSTM QGemm
        QLinearConvTranspose NhwcConv NhwcFusedConv QMoE MoE GemmFloat8 GemmFastGelu
        SparseToDenseMatMul TransposeMatMul ConvTransposeWithDynamicPads WordConvEmbedding AttnLSTM
        MatMulNBitsMlp MatMulNBitsQkv MatMulBlockQuantizedFp4Weight MatMulBlockQuantizedFp8Weight
        QOrderedMatMul VarlenCausalConvWithState
        LinearClassifier LinearRegressor SVMClassifier SVMRegressor
        TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor""",
    "activation": """
        Relu LeakyRelu PRelu Elu Celu Selu ThresholdedRelu Gelu HardSigmoid HardSwish Mish Sigmoid
        Softplus Softsign Softmax LogSoftmax Hardmax Tanh Swish SwiGLU Shrink Clip Erf
        FastGelu BiasGelu QuickGelu BiasSoftmax BiasSplitGelu ParametricSoftplus ScaledTanh Affine
        QLinearSigmoid QLinearLeakyRelu QLinearSoftmax QOrderedGelu ScaledSiLU""",
    "pool": """
        MaxPool AveragePool LpPool GlobalMaxPool GlobalAveragePool GlobalLpPool MaxRoiPool RoiAlign
        MaxUnpool QLinearAveragePool QLinearGlobalAveragePool NhwcMaxPool MaxpoolWithMask""",
    "normalization": """
        BatchNormalization InstanceNormalization GroupNormalization LayerNormalization
        RMSNormalization LpNormalization MeanVarianceNormalization LRN Normalizer Scaler
        GroupNorm SkipGroupNorm SkipLayerNormalization SimplifiedLayerNormalization
        SkipSimplifiedLayerNormalization EmbedLayerNormalization QEmbedLayerNormalization
        QOrderedLayerNormalization BranchwiseRMSNorm GatedRMSNorm""",
    "shape": """
        Shape Size Reshape Flatten Squeeze Unsqueeze Expand ConstantOfShape""",
    "tensor": """
        Gather GatherElements GatherND Scatter ScatterElements ScatterND TensorScatter Concat Split
        Slice Compress OneHot NonZero Unique TopK Where Trilu EyeLike Range Tile ReverseSequence
        SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength
        SplitToSequence ConcatFromSequence Optional OptionalGetElement OptionalHasElement
        NonMaxSuppression ArrayFeatureExtractor FeatureVectorizer DictVectorizer ZipMap CastMap
        CategoryMapper LabelEncoder OneHotEncoder Imputer Binarizer QLinearConcat QLinearWhere
        CropAndResize ExpandDims GatherBlockQuantized TorchEmbedding Crop""",
    "transform": """
        Transpose Pad Resize Upsample DepthToSpace SpaceToDepth CenterCropPad Col2Im GridSample
        AffineGrid DFT STFT HannWindow HammingWindow BlackmanWindow MelWeightMatrix ImageDecoder
        ImageScaler Rfft Irfft UnfoldTensor""",
    "dropout": "Dropout BiasDropout BitmaskDropout BitmaskBiasDropout",
    "quantization": """
        QuantizeLinear DequantizeLinear DynamicQuantizeLinear DequantizeBFP QuantizeBFP
        DequantizeWithOrder QuantizeWithOrder""",
    "attention": """
        Attention FlexAttention LinearAttention RotaryEmbedding
        MultiHeadAttention GroupQueryAttention PackedAttention PackedMultiHeadAttention
        DecoderAttention DecoderMaskedMultiHeadAttention DecoderMaskedSelfAttention
        LongformerAttention SparseAttention QAttention QOrderedAttention PagedAttention
        QOrderedLongformerAttention DynamicSparseAttention SparsePagedAttention GatedDeltaNet
        MRotaryEmbedding GemmaRotaryEmbedding
        RelativePositionBias GatedRelativePositionBias RemovePadding RestorePadding""",
    "data": """
        Constant Identity Cast CastLike BitCast
        Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot
        BitwiseOr BitwiseXor Ceil Cos Cosh CumSum CumProd Det Div Equal Exp Floor Greater
        GreaterOrEqual IsInf IsNaN Less LessOrEqual Log Max Mean Min Mod Mul Neg Not Or Pow
        Reciprocal Round Sign Sin Sinh Sqrt Sub Sum Tan Xor
        ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd
        ReduceSum ReduceSumSquare Bernoulli Multinomial RandomNormal RandomNormalLike
        RandomUniform RandomUniformLike RegexFullMatch StringConcat StringNormalizer StringSplit
        TfIdfVectorizer NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss
        Adagrad Adam Gradient Momentum
        QLinearAdd QLinearMul QLinearReduceMean BiasAdd Inverse ReduceSumInteger""",
    "control": "If Loop Scan SequenceMap BeamSearch GreedySearch Sampling WhisperBeamSearch",
}

# Domains whose operators the table knows; in any other, every operator is custom.
DOMAINS = frozenset(
    {
        "",
        "ai.onnx",
        "ai.onnx.ml",
        "ai.onnx.preview",
        "ai.onnx.preview.training",
        "ai.onnx.training",
        "com.microsoft",
        "com.microsoft.nchwc",
        "com.microsoft.nhwc",
        "com.ms.internal.nhwc",
    }
)

_CATEGORY = {op: category for category, ops in OPERATORS.items() for op in ops.split()}


def category(domain: str, op_type: str) -> str:
    """One of CATEGORIES; 'custom' for an operator that no table row names."""
    if domain not in DOMAINS:
        return "custom"
    return _CATEGORY.get(op_type, "custom")

"""How fast deliveries are acknowledged, beside what people write themselves. Run: python -m benchmarks"""

// A client of the model "churn", for Flutter on phones and desktops, and Dart 3 or later. It needs nothing else.
// (dart:io is not there in a browser: for Flutter on the web use the JavaScript client, or package:http in `_ask`.)
//
//   final client = Client('http://127.0.0.1:8000', key: '…');
//   final answer = await client.predict(example);

import 'dart:async';
import 'dart:convert';
import 'dart:io';

// <types>
class Input {
  final int tenure;

  const Input({required this.tenure});

  Map<String, Object?> toJson() => {'tenure': tenure};
}

class Answer {
  final String? prediction;
  final Map<String, double?> probabilities;
  final List<String> warnings;

  const Answer(this.prediction, this.probabilities, this.warnings);

  factory Answer.of(Map<String, dynamic> json) => Answer(json['prediction'] as String?, _numbers(json['probabilities']), _messages(json['warnings']));
}

const example = Input(tenure: 12);
// </types>

Map<String, double?> _numbers(dynamic json) =>
    {for (final each in ((json ?? {}) as Map).entries) each.key as String: (each.value as num?)?.toDouble()};

List<String> _messages(dynamic json) => [for (final each in (json ?? []) as List) '${each['field']}: ${each['message']}'];

/// The service refused: `errors` are {row, field, expected, received}. A SocketException or TimeoutException means that it could not be reached.
class ServiceError implements Exception {
  final String message;
  final int status;
  final List<dynamic> errors;

  const ServiceError(this.message, this.status, this.errors);

  @override
  String toString() => message;
}

class Client {
  final String url;
  final String key;
  final Duration timeout;

  const Client(this.url, {this.key = '', this.timeout = const Duration(seconds: 30)});

  // <rows>
  Future<Answer> predict(Input input) async =>
      Answer.of(await _ask(utf8.encode(jsonEncode(input)), 'application/json') as Map<String, dynamic>);

  Future<List<Answer>> predictMany(List<Input> inputs) async =>
      [for (final each in await _ask(utf8.encode(jsonEncode(inputs)), 'application/json') as List) Answer.of(each as Map<String, dynamic>)];
  // </rows>
  // <image>
  /// `image` is the content of a JPEG or PNG file.
  Future<Answer> predict(List<int> image) async =>
      Answer.of(await _ask(image, 'application/octet-stream') as Map<String, dynamic>);
  // </image>

  Future<dynamic> _ask(List<int> body, String kind) async {
    final http = HttpClient()..connectionTimeout = timeout;
    try {
      return await _send(http, body, kind).timeout(timeout);
    } finally {
      http.close(force: true);
    }
  }

  Future<dynamic> _send(HttpClient http, List<int> body, String kind) async {
    final request = await http.postUrl(Uri.parse('${url.replaceAll(RegExp(r'/+$'), '')}/predict'));
    request.headers.set('content-type', kind);
    if (key.isNotEmpty) request.headers.set('authorization', 'Bearer $key');
    request.contentLength = body.length;
    request.add(body);
    final answer = await request.close();
    final text = await utf8.decodeStream(answer);
    if (answer.statusCode == 200) return jsonDecode(text);
    throw _refusal(answer.statusCode, text);
  }

  ServiceError _refusal(int status, String text) {
    try {
      final problem = jsonDecode(text) as Map<String, dynamic>;
      return ServiceError((problem['detail'] ?? problem['title']) as String, status, (problem['errors'] ?? []) as List);
    } on FormatException {
      return ServiceError('Status $status', status, const []);
    }
  }
}
